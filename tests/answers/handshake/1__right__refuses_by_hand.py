rooms_app = FastAPI()


@rooms_app.websocket("/rooms/{room}")
async def enter(websocket: WebSocket, room: str, nickname: str | None = None):
    try:
        number = int(room)
    except ValueError:
        await websocket.close()
        return
    if nickname is None or nickname == "":
        nickname = "guest"
    await websocket.accept()
    await websocket.send_text(f"{nickname} is in room {number}, next door is {number + 1}")
    await websocket.close()
