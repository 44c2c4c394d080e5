choosing_app = FastAPI()


@choosing_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    header = websocket.headers.get("sec-websocket-protocol", "")
    offered = {name.strip() for name in header.split(",")}
    chosen = "game.v2" if "game.v2" in offered else "game.v1" if "game.v1" in offered else None
    await websocket.accept(chosen)
    await websocket.send_text(chosen if chosen else "none")
    await websocket.close(1000, "bye")
