switch_app = FastAPI()


@switch_app.websocket("/ws")
async def switch(websocket: WebSocket):
    on = asyncio.Event()

    async def ticks():
        while True:
            await on.wait()
            try:
                await websocket.send_text("tick")
            except Exception:
                pass
            await asyncio.sleep(0.1)

    async def receive():
        async for text in websocket.iter_text():
            if text == "on":
                on.set()
            if text == "off":
                on.clear()
                await websocket.send_text("stopped")

    await websocket.accept()
    await asyncio.gather(ticks(), receive())
