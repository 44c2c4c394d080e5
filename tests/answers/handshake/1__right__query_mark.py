rooms_app = FastAPI()


@rooms_app.websocket("/rooms/{room:int}")
async def enter(websocket: WebSocket, room: int):
    name = websocket.query_params.get("nickname") or "guest"
    await websocket.accept()
    await websocket.send_text(name + " is in room " + str(room) + ", next door is " + str(room + 1))
    await websocket.close(code=1000)
