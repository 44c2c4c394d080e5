first_app = FastAPI()
KEY = "open sesame"


@first_app.websocket("/ws")
async def enter(websocket: WebSocket):
    await websocket.accept()
    try:
        try:
            first = await websocket.receive_text()
        except KeyError:
            first = None
        if first != KEY:
            await websocket.close(code=4001, reason="no key")
            return
        await websocket.send_text("welcome")
        while True:
            text = await websocket.receive_text()
            await websocket.send_text("Message text was: " + text)
    except WebSocketDisconnect:
        return
