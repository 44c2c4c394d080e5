first_app = FastAPI()
TOKENS = {"t-4711": "ada", "t-0815": "bob"}


@first_app.websocket("/ws")
async def first(websocket: WebSocket):
    await websocket.accept()
    name = None
    try:
        while True:
            async with asyncio.timeout(0.4):
                text = await websocket.receive_text()
            await websocket.send_text(f"{name}: {text}" if name else f"hello {TOKENS[text]}")
            name = name or TOKENS[text]
    except TimeoutError:
        return await websocket.close(code=4408, reason="too late")
    except KeyError:
        return await websocket.close(code=4401, reason="who are you?")
    except WebSocketDisconnect:
        return
