strict_app = FastAPI()


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            break
        if "text" in message and message["text"] is not None:
            await websocket.send_text("Message text was: " + message["text"])
        else:
            await websocket.close(1003, "text only")
            break
