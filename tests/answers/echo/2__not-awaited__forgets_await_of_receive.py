import asyncio

every_app = FastAPI()


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        text = websocket.receive_text()
        await websocket.send_text(f"Message text was: {text}")
        await asyncio.sleep(0.1)
