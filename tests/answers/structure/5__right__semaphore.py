class AtMostTwo:
    def __init__(self, app):
        import asyncio
        self.app, self.places = app, asyncio.Semaphore(2)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "websocket":
            return await self.app(scope, receive, send)
        if self.places.locked():
            await receive()
            return await send({"type": "websocket.close", "code": 1013})
        async with self.places:
            await self.app(scope, receive, send)

limited_app = FastAPI()
limited_app.add_middleware(AtMostTwo)

@limited_app.get("/")
async def hello():
    return "hello"

@limited_app.websocket("/ws")
async def double(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(str(2 * int(text)))
