drain_app = FastAPI(lifespan=fresh)


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    state = websocket.app.state
    if state.draining:
        await websocket.close()
        return
    await websocket.accept()
    state.clients.add(websocket)
    try:
        async for text in websocket.iter_text():
            if text == "drain":
                state.draining = True
                for client in list(state.clients):
                    await client.close(1012)
                break
            await websocket.send_text(text)
    finally:
        state.clients.discard(websocket)
    if state.draining:
        await websocket.close(1012)
