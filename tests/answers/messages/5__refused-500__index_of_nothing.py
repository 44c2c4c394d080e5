choosing_app = FastAPI()


@choosing_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    offered = websocket.scope["subprotocols"]
    chosen = [name for name in ("game.v2", "game.v1") if name in offered][0]
    await websocket.accept(subprotocol=chosen)
    await websocket.send_text(chosen or "none")
    await websocket.close()
