import asyncio

every_app = FastAPI()


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        text = await asyncio.wait_for(websocket.receive_text(), 0.2)
        await websocket.send_text(f"Message text was: {text}")
