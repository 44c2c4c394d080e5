import contextlib

polite_app = FastAPI()


@polite_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    with contextlib.suppress(WebSocketDisconnect):
        await websocket.accept()
        while True:
            await websocket.send_text(f"Message text was: {await websocket.receive_text()}")
