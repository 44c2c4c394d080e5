import asyncio

every_app = FastAPI()
busy = asyncio.Lock()


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    async with busy:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(f"Message text was: {text}")
