mirror_app = FastAPI()


@mirror_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    for _ in range(30):
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("bytes") is None:
            break
        await websocket.send_bytes(message["bytes"])
    await websocket.close(code=1003)
