limited_app = FastAPI()
total = 0


@limited_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    size = 0
    async for text in websocket.iter_text():
        size += len(text.encode())
        if size > 100:
            await websocket.close(code=1009)
            return
        await websocket.send_text(text)
