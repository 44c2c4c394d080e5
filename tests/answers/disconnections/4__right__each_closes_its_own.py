drain_app = FastAPI(lifespan=fresh)


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    state = websocket.app.state
    if state.draining:
        await websocket.close()
        return
    await websocket.accept()

    async def reader():
        async for text in websocket.iter_text():
            if text == "drain":
                state.draining = True
                await asyncio.Event().wait()
            await websocket.send_text(text)

    async def drained():
        while not state.draining:
            await asyncio.sleep(0.01)

    halves = [asyncio.create_task(reader()), asyncio.create_task(drained())]
    try:
        await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        if state.draining:
            await websocket.close(1012)
    finally:
        for half in halves:
            half.cancel()
