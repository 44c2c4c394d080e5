first_app = FastAPI()
TOKENS = {"t-4711": "ada", "t-0815": "bob"}


@first_app.websocket("/ws")
async def first(websocket: WebSocket):
    await websocket.accept()
    try:
        async with asyncio.timeout(0.4):
            name = TOKENS.get(await websocket.receive_text())
    except TimeoutError:
        return await websocket.close(code=4408, reason="too late")
    except WebSocketDisconnect:
        return
    if name is None:
        return await websocket.close(code=4401)
    await websocket.send_text(f"hello {name}")
    async for text in websocket.iter_text():
        await websocket.send_text(f"{name}: {text}")
