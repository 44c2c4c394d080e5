limited_app = FastAPI()


@limited_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        text = await websocket.receive_text()
        if len(text.encode()) > 100:
            await websocket.close(code=1009)
            return
        await websocket.send_text(text)
