first_app = FastAPI()
KEY = "open sesame"


@first_app.websocket("/ws")
async def enter(websocket: WebSocket):
    await websocket.accept()
    first = await websocket.receive()
    if first["type"] == "websocket.disconnect":
        return
    if first.get("text") != KEY:
        return await websocket.close(4001, "no key")
    await websocket.send_text("welcome")
    async for text in websocket.iter_text():
        if text == KEY:
            await websocket.send_text("welcome")
        else:
            await websocket.send_text(f"Message text was: {text}")
