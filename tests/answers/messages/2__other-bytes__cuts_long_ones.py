mirror_app = FastAPI()


@mirror_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("bytes") is None:
            await websocket.close(code=1003)
            return
        await websocket.send_bytes(message["bytes"][:65535])
