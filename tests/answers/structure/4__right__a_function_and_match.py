from contextlib import AsyncExitStack

lookup_app = FastAPI()
pool = Pool(size=2, wait=0.3)

@lookup_app.get("/pool")
async def state():
    return {"out": pool.out, "lent": pool.lent}

async def find(text):
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(pool.session())
        with suppress(LookupError):
            return await session.find(text)
    return "unknown"

@lookup_app.websocket("/ws")
async def lookup(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(await find(text))
