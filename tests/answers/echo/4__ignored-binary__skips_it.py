strict_app = FastAPI()


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await websocket.send_text(f"Message text was: {message['text']}")
