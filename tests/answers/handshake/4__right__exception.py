first_app = FastAPI()
KEY = "open sesame"


@first_app.websocket("/ws")
async def enter(websocket: WebSocket):
    await websocket.accept()
    message = await websocket.receive()
    match message:
        case {"type": "websocket.receive", "text": "open sesame"}:
            await websocket.send_text("welcome")
        case {"type": "websocket.receive"}:
            raise WebSocketException(4001, "no key")
        case _:
            return
    async for text in websocket.iter_text():
        await websocket.send_text(f"Message text was: {text}")
