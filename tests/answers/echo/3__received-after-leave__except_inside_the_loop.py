polite_app = FastAPI()


@polite_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            text = await websocket.receive_text()
            await websocket.send_text(f"Message text was: {text}")
        except WebSocketDisconnect:
            print("a client left")
