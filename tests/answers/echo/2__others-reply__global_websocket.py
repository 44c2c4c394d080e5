every_app = FastAPI()
latest = None


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    global latest
    await websocket.accept()
    latest = websocket
    async for text in websocket.iter_text():
        await latest.send_text(f"Message text was: {text}")
