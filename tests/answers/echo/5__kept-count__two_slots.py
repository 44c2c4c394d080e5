counting_app = FastAPI()
counts = [0, 0, 0, 0]
free = [3, 2, 1, 0]


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    slot = free.pop()
    async for text in websocket.iter_text():
        counts[slot] += 1
        await websocket.send_text(f"{counts[slot]}: {text}")
    free.append(slot)
