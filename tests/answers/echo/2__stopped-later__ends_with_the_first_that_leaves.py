import asyncio

every_app = FastAPI()
gone = asyncio.Event()


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        while not gone.is_set():
            text = await websocket.receive_text()
            await websocket.send_text(f"Message text was: {text}")
    finally:
        gone.set()
