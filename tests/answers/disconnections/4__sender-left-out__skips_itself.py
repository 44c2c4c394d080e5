drain_app = FastAPI()
clients, draining = set(), asyncio.Event()


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    if draining.is_set():
        await websocket.close()
        return
    await websocket.accept()
    clients.add(websocket)
    try:
        async for text in websocket.iter_text():
            if text == "drain":
                draining.set()
                for client in clients - {websocket}:
                    await client.close(1012)
            else:
                await websocket.send_text(text)
    finally:
        clients.discard(websocket)
