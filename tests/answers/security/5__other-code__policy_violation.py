crowd_app, here = FastAPI(), Counter()


@crowd_app.websocket("/ws")
async def crowd(websocket: WebSocket, user: str):
    await websocket.accept()
    if here[user] >= 2:
        return await websocket.close(code=1008, reason="two are enough")
    here[user] += 1
    try:
        async for text in websocket.iter_text():
            await websocket.send_text(f"{user}: {text}")
    finally:
        here[user] -= 1
