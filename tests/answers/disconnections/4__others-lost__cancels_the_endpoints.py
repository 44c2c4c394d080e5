drain_app = FastAPI(lifespan=fresh)


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    state = websocket.app.state
    if state.draining:
        await websocket.close()
        return
    await websocket.accept()
    state.clients.add(asyncio.current_task())
    try:
        async for text in websocket.iter_text():
            if text == "drain":
                state.draining = True
                for task in state.clients - {asyncio.current_task()}:
                    task.cancel()
                await websocket.close(1012)
                return
            await websocket.send_text(text)
    finally:
        state.clients.discard(asyncio.current_task())
