every_app = FastAPI()


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    first = await websocket.receive_text()
    text = first
    while True:
        await websocket.send_text(f"Message text was: {first}")
        text = await websocket.receive_text()
