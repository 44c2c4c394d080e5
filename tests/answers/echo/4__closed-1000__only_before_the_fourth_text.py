strict_app = FastAPI()


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    texts = 0
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is None:
            await websocket.close(code=1003 if texts < 4 else 1000)
            return
        texts += 1
        await websocket.send_text(f"Message text was: {message['text']}")
