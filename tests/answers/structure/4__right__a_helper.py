lookup_app = FastAPI()
pool = Pool(size=2, timeout=0.3)

@lookup_app.get("/pool")
async def state():
    return {"in_use": pool.in_use, "checkouts": pool.checkouts}

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
