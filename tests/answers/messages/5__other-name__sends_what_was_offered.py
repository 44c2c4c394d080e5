choosing_app = FastAPI()


@choosing_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    offered = websocket.scope["subprotocols"]
    chosen = next((name for name in ("game.v2", "game.v1") if name in offered), None)
    await websocket.accept(subprotocol=chosen)
    await websocket.send_text(", ".join(offered) or "none")
    await websocket.close()
