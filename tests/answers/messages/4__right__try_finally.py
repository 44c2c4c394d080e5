limited_app = FastAPI()


@limited_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        text = message["text"]
        if len(bytes(text, "utf-8")) >= 101:
            await websocket.close(1009, "too big")
            break
        await websocket.send_text(text)
