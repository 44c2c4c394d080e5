mirror_app = FastAPI()


@mirror_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        async for data in websocket.iter_bytes():
            await websocket.send_bytes(data)
    except KeyError:
        await websocket.close(code=1003)
