counting_app = FastAPI()


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    websocket.state.count = 0
    while True:
        text = await websocket.receive_text()
        websocket.state.count += 1
        await websocket.send_text(str(websocket.state.count) + ": " + text)
