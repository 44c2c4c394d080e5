lookup_app = FastAPI()
pool = Pool(size=2, wait=0.3)

@lookup_app.get("/pool")
async def state():
    return {"out": pool.out, "lent": pool.lent}

@lookup_app.websocket("/ws")
async def lookup(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        async with pool.session() as session:
            with suppress(LookupError):
                await websocket.send_text(await session.find(text))
