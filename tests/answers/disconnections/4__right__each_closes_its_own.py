drain_app = FastAPI()
clients, draining = set(), asyncio.Event()


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    if draining.is_set():
        await websocket.close()
        return
    await websocket.accept()

    async def reader():
        async for text in websocket.iter_text():
            if text == "drain":
                draining.set()
                await asyncio.Event().wait()
            await websocket.send_text(text)

    halves = [asyncio.create_task(reader()), asyncio.create_task(draining.wait())]
    try:
        await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        if draining.is_set():
            await websocket.close(1012)
    finally:
        for half in halves:
            half.cancel()
