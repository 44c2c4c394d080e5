strict_app = FastAPI()


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text"):
            await websocket.send_text(f"Message text was: {message['text']}")
        elif message.get("bytes") is not None:
            await websocket.close(code=1003)
            return
