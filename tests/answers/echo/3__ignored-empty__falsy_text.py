polite_app = FastAPI()


@polite_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        if text:
            await websocket.send_text(f"Message text was: {text}")
