stream_app = FastAPI()
queues = set()


@stream_app.websocket("/ws")
async def stream(websocket: WebSocket):
    await websocket.accept()
    halves = [asyncio.create_task(half(websocket, queues)) for half in (outgoing, incoming)]
    await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
