from fastapi.responses import PlainTextResponse

hidden_app = FastAPI()
KEYS = {"abc123": "Ada", "def456": "Bob"}


@hidden_app.websocket("/ws")
async def enter(websocket: WebSocket):
    name = None
    for one in websocket.scope["subprotocols"]:
        prefix, _, key = one.partition(".")
        if prefix == "key":
            name = KEYS.get(key)
    if "chat" not in websocket.scope["subprotocols"] or name is None:
        await websocket.send_denial_response(PlainTextResponse("no", status_code=401))
        return
    await websocket.accept(subprotocol="chat")
    await websocket.send_text(f"hello {name}")
    await websocket.close()
