first_app = FastAPI()
TOKENS = {"t-4711": "ada", "t-0815": "bob"}


@first_app.websocket("/ws")
async def first(websocket: WebSocket):
    await websocket.accept()
    try:
        async with asyncio.timeout(0.2):
            name = TOKENS[await websocket.receive_text()]
    except TimeoutError:
        return await websocket.close(code=4408, reason="too late")
    except KeyError:
        return await websocket.close(code=4401, reason="who are you?")
    except WebSocketDisconnect:
        return
    await websocket.send_text(f"hello {name}")
    async for text in websocket.iter_text():
        await websocket.send_text(f"{name}: {text}")
