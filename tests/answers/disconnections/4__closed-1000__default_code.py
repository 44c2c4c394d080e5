drain_app = FastAPI()
clients, draining = set(), asyncio.Event()


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    await websocket.accept()
    clients.add(websocket)
    try:
        async for text in websocket.iter_text():
            if text == "drain":
                draining.set()
                for client in list(clients):
                    await client.close()
                return
            await websocket.send_text(text)
    finally:
        clients.discard(websocket)
