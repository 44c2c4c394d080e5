counting_app = FastAPI()
count = 0


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    global count
    await websocket.accept()
    count = 0
    async for text in websocket.iter_text():
        count += 1
        await websocket.send_text(f"{count}: {text}")
