choosing_app = FastAPI()


@choosing_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    offered = websocket.scope["subprotocols"]
    chosen = offered[0] if offered else None
    await websocket.accept(subprotocol=chosen)
    await websocket.send_text(chosen or "none")
    await websocket.close()
