first_app = FastAPI()
TOKENS = {"t-4711": "ada", "t-0815": "bob"}


@first_app.websocket("/ws")
async def first(websocket: WebSocket):
    await websocket.accept()
    try:
        message = await asyncio.wait_for(websocket.receive(), 0.4)
    except TimeoutError:
        return await websocket.close(code=4408)
    if message["type"] == "websocket.disconnect":
        return
    if message.get("text") not in TOKENS:
        return await websocket.close(code=4401)
    name = TOKENS[message["text"]]
    await websocket.send_text(f"hello {name}")
    async for text in websocket.iter_text():
        await websocket.send_text(f"{name}: {text}")
