limiter_app, buckets = FastAPI(), {}
BURST, PER_SECOND = 5.0, 5.0


@limiter_app.websocket("/ws")
async def metered(websocket: WebSocket, user: str):
    await websocket.accept()
    async for text in websocket.iter_text():
        now = time.monotonic()
        tokens, seen = buckets.get(user, (BURST, now))
        tokens = min(BURST, tokens + (now - seen) * PER_SECOND)
        if tokens < 1:
            await asyncio.sleep(1 / PER_SECOND)
        buckets[user] = tokens - 1, now
        await websocket.send_text(text)
