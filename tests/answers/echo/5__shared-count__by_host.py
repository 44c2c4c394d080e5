counting_app = FastAPI()
counts = {}


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        host = websocket.client.host if websocket.client else ""
        counts[host] = counts.get(host, 0) + 1
        await websocket.send_text(f"{counts[host]}: {text}")
