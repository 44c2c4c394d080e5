idle_app = FastAPI()


@idle_app.websocket("/ws")
async def idle(websocket: WebSocket):
    await websocket.accept()
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(0.4) as limit:
            async for text in websocket.iter_text():
                limit.reschedule(loop.time() + 0.4)
                await websocket.send_text(text)
    except TimeoutError:
        await websocket.close(4408, "idle")
