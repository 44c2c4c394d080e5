import asyncio

every_app = FastAPI()
text = ""


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    global text
    await websocket.accept()
    while True:
        text = await websocket.receive_text()
        await asyncio.sleep(0.01)
        await websocket.send_text(f"Message text was: {text}")
