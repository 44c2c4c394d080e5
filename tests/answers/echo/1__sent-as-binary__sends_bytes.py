once_app = FastAPI()


@once_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    text = await websocket.receive_text()
    await websocket.send_bytes(f"Message text was: {text}".encode())
    await websocket.close()
