stream_app = FastAPI()
queues = set()


@stream_app.websocket("/ws")
async def stream(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)
