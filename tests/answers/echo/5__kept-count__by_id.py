counting_app = FastAPI()
counts = {}


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        counts[id(websocket)] = counts.get(id(websocket), 0) + 1
        await websocket.send_text(f"{counts[id(websocket)]}: {text}")
