first_app = FastAPI()
KEY = "open sesame"


@first_app.websocket("/ws")
async def enter(websocket: WebSocket):
    await websocket.accept()
    is_in = False
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            break
        text = message.get("text")
        if not is_in:
            if text != KEY:
                await websocket.close(4001, "no key")
                break
            is_in = True
            await websocket.send_text("welcome")
        elif text is not None:
            await websocket.send_text(f"Message text was: {text}")
