lookup_app = FastAPI()
pool = Pool(size=2, wait=0.3)
kept = []

@lookup_app.get("/pool")
async def state():
    return {"out": pool.out, "lent": pool.lent}

@lookup_app.websocket("/ws")
async def lookup(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        kept.append(pool.session())
        session = await kept[-1].__aenter__()
        try:
            await websocket.send_text(await session.find(text))
        except LookupError:
            await websocket.send_text("unknown")
