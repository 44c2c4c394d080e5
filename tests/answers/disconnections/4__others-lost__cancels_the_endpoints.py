drain_app = FastAPI()
clients, draining = set(), asyncio.Event()


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    if draining.is_set():
        await websocket.close()
        return
    await websocket.accept()
    clients.add(asyncio.current_task())
    try:
        async for text in websocket.iter_text():
            if text == "drain":
                draining.set()
                for task in clients - {asyncio.current_task()}:
                    task.cancel()
                await websocket.close(1012)
                return
            await websocket.send_text(text)
    finally:
        clients.discard(asyncio.current_task())
