strict_app = FastAPI()


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            try:
                text = await websocket.receive_text()
            except KeyError:
                await websocket.close(code=1003)
                continue
            await websocket.send_text(f"Message text was: {text}")
    except WebSocketDisconnect:
        pass
