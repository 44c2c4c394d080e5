mirror_app = FastAPI()


@mirror_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for data in websocket.iter_text():
        await websocket.send_bytes(data.encode())
