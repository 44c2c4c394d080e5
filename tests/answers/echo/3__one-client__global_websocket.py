polite_app = FastAPI()
latest = None


@polite_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    global latest
    await websocket.accept()
    latest = websocket
    try:
        while True:
            text = await websocket.receive_text()
            await latest.send_text(f"Message text was: {text}")
    except WebSocketDisconnect:
        pass
