counting_app = FastAPI()
counts = {}


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        counts[websocket.client] = counts.get(websocket.client, 0) + 1
        await websocket.send_text(f"{counts[websocket.client]}: {text}")
