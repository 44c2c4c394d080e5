drain_app = FastAPI()
clients, draining = set(), asyncio.Event()


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    await websocket.accept()
    clients.add(websocket)
    async for text in websocket.iter_text():
        if text == "drain":
            await websocket.close(1012)
            return
        await websocket.send_text(text)
