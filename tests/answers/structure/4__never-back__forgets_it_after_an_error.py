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
        lending = pool.session()
        kept.append(lending)
        session = await lending.__aenter__()
        try:
            reply = await session.find(text)
            await lending.__aexit__(None, None, None)
        except LookupError:
            reply = "unknown"
        await websocket.send_text(reply)
