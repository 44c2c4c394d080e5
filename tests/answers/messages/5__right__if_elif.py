choosing_app = FastAPI()


@choosing_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    offered = websocket.scope["subprotocols"]
    chosen = None
    if "game.v2" in offered:
        chosen = "game.v2"
    elif "game.v1" in offered:
        chosen = "game.v1"
    await websocket.accept(subprotocol=chosen)
    await websocket.send_text(chosen or "none")
    await websocket.close()
