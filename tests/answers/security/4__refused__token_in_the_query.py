first_app = FastAPI()
TOKENS = {"t-4711": "ada", "t-0815": "bob"}


@first_app.websocket("/ws")
async def first(websocket: WebSocket, token: str = ""):
    if token not in TOKENS:
        raise WebSocketException(1008)
    name = TOKENS[token]
    await websocket.accept()
    await websocket.send_text(f"hello {name}")
    async for text in websocket.iter_text():
        await websocket.send_text(f"{name}: {text}")
