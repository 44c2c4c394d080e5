import asyncio

every_app = FastAPI()
busy = asyncio.Lock()


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async with busy:
        async for text in websocket.iter_text():
            await websocket.send_text(f"Message text was: {text}")
