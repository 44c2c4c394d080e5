drain_app = FastAPI(lifespan=fresh)


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    state = websocket.app.state
    await websocket.accept()
    state.clients.add(websocket)
    async for text in websocket.iter_text():
        if text == "drain":
            await websocket.close(1012)
            return
        await websocket.send_text(text)
