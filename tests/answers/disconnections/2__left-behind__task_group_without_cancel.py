stream_app = FastAPI()
queues = set()


@stream_app.websocket("/ws")
async def stream(websocket: WebSocket):
    await websocket.accept()
    async with asyncio.TaskGroup() as group:
        group.create_task(outgoing(websocket, queues))
        group.create_task(incoming(websocket, queues))
