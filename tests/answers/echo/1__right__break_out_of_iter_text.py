once_app = FastAPI()


@once_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text("Message text was: %s" % text)
        break
    await websocket.close(code=1000)
