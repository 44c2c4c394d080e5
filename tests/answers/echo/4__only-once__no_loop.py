strict_app = FastAPI()


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    message = await websocket.receive()
    if message.get("text") is None:
        await websocket.close(code=1003)
    else:
        await websocket.send_text(f"Message text was: {message['text']}")
