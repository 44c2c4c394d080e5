counting_app = FastAPI()


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    count = 0
    async for text in websocket.iter_text():
        count += 1
        await websocket.send_text(f"{count}:{text}")
