once_app = FastAPI()


@once_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    message = await websocket.receive()
    await websocket.send({"type": "websocket.send", "text": "Message text was: " + message["text"]})
    await websocket.close(1000, "that was all")
    await websocket.receive()
