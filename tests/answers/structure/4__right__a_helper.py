lookup_app = FastAPI()
pool = Pool(size=2, wait=0.3)

@lookup_app.get("/pool")
async def state():
    return {"out": pool.out, "lent": pool.lent}

async def find(text):
    async with pool.session() as session:
        try:
            return await session.find(text)
        except LookupError:
            return "unknown"

@lookup_app.websocket("/ws")
async def lookup(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        await websocket.send_text(await find(message["text"]))
