import itertools

counting_app = FastAPI()


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    numbers = itertools.count(1)
    try:
        while True:
            text = await websocket.receive_text()
            await websocket.send_text(f"{next(numbers)}: {text}")
    except WebSocketDisconnect:
        pass
