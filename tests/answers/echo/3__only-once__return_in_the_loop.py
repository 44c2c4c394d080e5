polite_app = FastAPI()


@polite_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            await websocket.send_text(f"Message text was: {text}")
            return
    except WebSocketDisconnect:
        pass
