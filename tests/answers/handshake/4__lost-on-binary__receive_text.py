first_app = FastAPI()
KEY = "open sesame"


@first_app.websocket("/ws")
async def enter(websocket: WebSocket):
    await websocket.accept()
    try:
        if await websocket.receive_text() != KEY:
            await websocket.close(4001, "no key")
            return
        await websocket.send_text("welcome")
        while True:
            await websocket.send_text(f"Message text was: {await websocket.receive_text()}")
    except WebSocketDisconnect:
        pass
