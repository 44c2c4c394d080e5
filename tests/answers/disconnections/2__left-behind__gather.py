stream_app = FastAPI()
queues = set()


@stream_app.websocket("/ws")
async def stream(websocket: WebSocket):
    await websocket.accept()
    await asyncio.gather(outgoing(websocket, queues), incoming(websocket, queues))
