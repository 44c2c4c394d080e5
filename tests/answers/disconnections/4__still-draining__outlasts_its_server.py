drain_app = FastAPI(lifespan=fresh)
draining = asyncio.Event()
draining.set()  # as the check before left it


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    if draining.is_set():
        await websocket.close()
        return
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)
