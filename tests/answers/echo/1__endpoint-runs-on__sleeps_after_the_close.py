import asyncio

once_app = FastAPI()


@once_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    text = await websocket.receive_text()
    await websocket.send_text(f"Message text was: {text}")
    await websocket.close()
    await asyncio.sleep(3600)
