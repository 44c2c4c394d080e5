mirror_app = FastAPI()


@mirror_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            data = await websocket.receive_bytes()
            await websocket.send_bytes(data)
        except KeyError:
            await websocket.close(code=1003)
