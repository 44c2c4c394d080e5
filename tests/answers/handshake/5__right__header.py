hidden_app = FastAPI()
KEYS = {"abc123": "Ada", "def456": "Bob"}


@hidden_app.websocket("/ws")
async def enter(websocket: WebSocket):
    offered = [one.strip() for one in websocket.headers.get("sec-websocket-protocol", "").split(",")]
    for one in offered:
        if one.startswith("key.") and one[4:] in KEYS and "chat" in offered:
            await websocket.accept("chat")
            await websocket.send_text("hello " + KEYS[one[4:]])
            return await websocket.close()
    raise HTTPException(401, "who are you?")
