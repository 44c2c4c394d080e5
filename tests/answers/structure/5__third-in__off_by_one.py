class AtMostTwo:
    def __init__(self, app):
        self.app, self.inside = app, 0

    async def __call__(self, scope, receive, send):
        if scope["type"] != "websocket":
            return await self.app(scope, receive, send)
        if self.inside > 2:
            return await send({"type": "websocket.close"})
        self.inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.inside -= 1

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
