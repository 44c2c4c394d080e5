limiter_app, buckets = FastAPI(), {}
BURST, PER_SECOND = 5.0, 5.0


class Bucket:
    def __init__(self):
        self.tokens, self.seen = BURST, time.monotonic()

    def take(self):
        now = time.monotonic()
        self.tokens = min(BURST, self.tokens + (now - self.seen) * PER_SECOND)
        self.seen = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@limiter_app.websocket("/ws")
async def metered(websocket: WebSocket, user: str):
    await websocket.accept()
    bucket = buckets.setdefault(user, Bucket())
    async for text in websocket.iter_text():
        if not bucket.take():
            await websocket.close(code=4029)
            break
        await websocket.send_text(text)
