stream_app = FastAPI()
queues = set()


@stream_app.websocket("/ws")
async def stream(websocket: WebSocket):
    await websocket.accept()
    asyncio.create_task(outgoing(websocket, queues))
    asyncio.create_task(incoming(websocket, queues))
