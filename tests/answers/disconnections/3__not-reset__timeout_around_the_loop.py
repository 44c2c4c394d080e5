idle_app = FastAPI()


@idle_app.websocket("/ws")
async def idle(websocket: WebSocket):
    await websocket.accept()
    try:
        async with asyncio.timeout(0.4):
            async for text in websocket.iter_text():
                await websocket.send_text(text)
    except TimeoutError:
        await websocket.close(4408, "idle")
