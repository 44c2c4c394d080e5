hidden_app = FastAPI()
KEYS = {"abc123": "Ada", "def456": "Bob"}


def guest(websocket: WebSocket):
    offered = set(websocket.scope["subprotocols"])
    known = {f"key.{key}": name for key, name in KEYS.items()}
    found = offered & known.keys()
    if not found or "chat" not in offered:
        raise HTTPException(status_code=401)
    return known[found.pop()]


@hidden_app.websocket("/ws")
async def enter(websocket: WebSocket, name: Annotated[str, Depends(guest)]):
    await websocket.accept(subprotocol="chat")
    await websocket.send_text(f"hello {name}")
    await websocket.close()
