lookup_app = FastAPI()
pool = Pool(size=2, wait=0.3)

@lookup_app.get("/pool")
async def state():
    return {"out": pool.out, "lent": pool.lent}

@lookup_app.websocket("/ws")
async def lookup(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            async with pool.session() as session:
                try:
                    await websocket.send_text(await session.find(text))
                except LookupError as error:
                    await websocket.send_text("unknown")
    except WebSocketDisconnect:
        return
