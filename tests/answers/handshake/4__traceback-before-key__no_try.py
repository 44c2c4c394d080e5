first_app = FastAPI()
KEY = "open sesame"


@first_app.websocket("/ws")
async def enter(websocket: WebSocket):
    await websocket.accept()
    first = await websocket.receive()
    if first["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(1000)
    if first.get("text") != KEY:
        return await websocket.close(4001, "no key")
    await websocket.send_text("welcome")
    async for text in websocket.iter_text():
        await websocket.send_text(f"Message text was: {text}")
