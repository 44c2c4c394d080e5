strict_app = FastAPI()


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if isinstance(message.get("text"), str):
            await websocket.send_text(f"Message text was: {message['text']}")
        else:
            await websocket.close(code=1003, reason="text only")
