limiter_app, buckets = FastAPI(), {}
BURST, PER_SECOND = 5.0, 5.0


@limiter_app.websocket("/ws")
async def metered(websocket: WebSocket, user: str):
    await websocket.accept()
    async for text in websocket.iter_text():
        buckets[user] = buckets.get(user, BURST) - 1
        if buckets[user] < 0:
            return await websocket.close(code=4029, reason="slow down")
        await websocket.send_text(text)
