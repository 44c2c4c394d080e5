lookup_app = FastAPI()
pool = Pool(size=2, wait=0.3)

async def lend():
    async with pool.session() as session:
        yield session

@lookup_app.get("/pool")
async def state():
    return {"out": pool.out, "lent": pool.lent}

@lookup_app.websocket("/ws")
async def lookup(websocket: WebSocket, session=Depends(lend)):
    await websocket.accept()
    async for text in websocket.iter_text():
        try:
            await websocket.send_text(await session.find(text))
        except LookupError:
            await websocket.send_text("unknown")
