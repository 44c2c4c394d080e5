limiter_app, buckets = FastAPI(), {}
BURST, PER_SECOND = 5.0, 5.0


@limiter_app.websocket("/ws")
async def metered(websocket: WebSocket, user: str):
    await websocket.accept()
    tokens, seen = BURST, time.monotonic()
    async for text in websocket.iter_text():
        now = time.monotonic()
        tokens, seen = min(BURST, tokens + (now - seen) * PER_SECOND), now
        if tokens < 1:
            return await websocket.close(code=4029, reason="slow down")
        tokens -= 1
        await websocket.send_text(text)
