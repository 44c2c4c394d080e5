rooms_app = FastAPI()


def name(nickname: str = "guest"):
    return nickname if nickname else "guest"


async def enter(websocket: WebSocket, room: int, who: Annotated[str, Depends(name)]):
    await websocket.accept()
    await websocket.send_text("%s is in room %d, next door is %d" % (who, room, room + 1))
    await websocket.close()


rooms_app.add_api_websocket_route("/rooms/{room}", enter)
