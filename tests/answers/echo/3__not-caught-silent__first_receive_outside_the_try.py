polite_app = FastAPI()


@polite_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    text = await websocket.receive_text()
    try:
        while True:
            await websocket.send_text(f"Message text was: {text}")
            text = await websocket.receive_text()
    except WebSocketDisconnect:
        pass
