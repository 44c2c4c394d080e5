from collections import defaultdict

crowd_app, here = FastAPI(), defaultdict(set)


@crowd_app.websocket("/ws")
async def crowd(websocket: WebSocket, user: str):
    await websocket.accept()
    if len(here[user]) == 2:
        return await websocket.close(code=1013)
    here[user].add(websocket)
    try:
        while True:
            await websocket.send_text(f"{user}: {await websocket.receive_text()}")
    except WebSocketDisconnect:
        pass
    finally:
        here[user].discard(websocket)
