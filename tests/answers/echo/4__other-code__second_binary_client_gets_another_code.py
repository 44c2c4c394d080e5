strict_app = FastAPI()
refused = 0


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    global refused
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is None:
            refused += 1
            await websocket.close(code=1003 if refused == 1 else 1007)
            return
        await websocket.send_text(f"Message text was: {message['text']}")
