limited_app = FastAPI()


@limited_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    for _ in range(60):
        text = await websocket.receive_text()
        if len(text.encode()) > 100:
            break
        await websocket.send_text(text)
    await websocket.close(code=1009)
