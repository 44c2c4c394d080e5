from collections import defaultdict

crowd_app, here = FastAPI(), defaultdict(list)


@crowd_app.websocket("/ws")
async def crowd(websocket: WebSocket, user: str):
    await websocket.accept()
    if len(here[user]) >= 2:
        await here[user].pop(0).close(code=1013)
        return await websocket.close(code=1013)
    here[user].append(websocket)
    try:
        async for text in websocket.iter_text():
            await websocket.send_text(f"{user}: {text}")
    finally:
        if websocket in here[user]:
            here[user].remove(websocket)
