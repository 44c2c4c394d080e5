drain_app = FastAPI(lifespan=fresh)
clients = []


@drain_app.websocket("/ws")
async def work(websocket: WebSocket):
    if websocket.app.state.draining:
        await websocket.close()
        return
    await websocket.accept()
    clients.append(websocket)
    async for text in websocket.iter_text():
        if text == "drain":
            websocket.app.state.draining = True
            for client in clients:
                await client.close(1012)
            return
        await websocket.send_text(text)
