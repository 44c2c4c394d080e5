once_app = FastAPI()


@once_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        text = await websocket.receive_text()
        await websocket.send_text(f"Message text was: {text}")
        await websocket.close()
        await websocket.send_text("bye")
