stream_app = FastAPI()
queues = set()


@stream_app.websocket("/ws")
async def stream(websocket: WebSocket):
    await websocket.accept()
    sender = asyncio.create_task(outgoing(websocket, queues))
    await incoming(websocket, queues)
    sender.cancel()
    await sender
