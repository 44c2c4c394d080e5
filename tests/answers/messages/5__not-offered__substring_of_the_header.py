choosing_app = FastAPI()


@choosing_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    header = websocket.headers.get("sec-websocket-protocol", "")
    chosen = "game.v2" if "game.v2" in header else "game.v1" if "game.v1" in header else None
    await websocket.accept(subprotocol=chosen)
    await websocket.send_text(chosen or "none")
    await websocket.close()
