strict_app = FastAPI()


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        if text is None:
            try:
                text = message["bytes"].decode()
                assert text
            except (UnicodeDecodeError, AssertionError):
                await websocket.close(code=1003)
                return
        await websocket.send_text(f"Message text was: {text}")
