choosing_app = FastAPI()


@choosing_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    offered = websocket.scope["subprotocols"]
    chosen = max((name for name in offered if name.startswith("game.v")), default=None)
    await websocket.accept(subprotocol=chosen)
    await websocket.send_text(chosen or "none")
    await websocket.close()
