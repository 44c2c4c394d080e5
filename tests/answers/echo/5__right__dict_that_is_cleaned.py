counting_app = FastAPI()
counts = {}


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    counts[websocket] = 0
    try:
        async for text in websocket.iter_text():
            counts[websocket] += 1
            await websocket.send_text("%d: %s" % (counts[websocket], text))
    finally:
        del counts[websocket]
