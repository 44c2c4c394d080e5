limited_app = FastAPI()


@limited_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        if sum(2 if ord(c) > 127 else 1 for c in text) > 100:
            await websocket.close(code=1009)
            return
        await websocket.send_text(text)
