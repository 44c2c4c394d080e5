switch_app = FastAPI()


@switch_app.websocket("/ws")
async def switch(websocket: WebSocket):
    on = asyncio.Event()

    async def ticks():
        while True:
            await on.wait()
            await websocket.send_text("tick")
            await asyncio.sleep(0.1)

    await websocket.accept()
    task = asyncio.create_task(ticks())
    try:
        async for text in websocket.iter_text():
            if text == "on":
                on.set()
            if text == "off":
                on.clear()
                await websocket.send_text("stopped")
    finally:
        task.cancel()
