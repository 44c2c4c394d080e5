choosing_app = FastAPI()


@choosing_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    offered = set(websocket.scope["subprotocols"]) & {"game.v1", "game.v2"}
    chosen = max(offered, default=None)
    await websocket.accept(subprotocol=chosen)
    await websocket.send_text(str(chosen).lower())
    await websocket.close()
