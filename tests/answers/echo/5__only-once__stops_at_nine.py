counting_app = FastAPI()


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    for count in range(1, 10):
        text = await websocket.receive_text()
        await websocket.send_text(f"{count}: {text}")
