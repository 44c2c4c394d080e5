every_app = FastAPI()
count = 0


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    global count
    count += 1
    if count > 6:
        await websocket.close()
        return
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(f"Message text was: {text}")
