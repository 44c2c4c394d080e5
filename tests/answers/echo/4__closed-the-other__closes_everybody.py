strict_app = FastAPI()
clients = []


@strict_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    clients.append(websocket)
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is None:
            for client in clients:
                await client.close(code=1003)
            clients.clear()
            return
        await websocket.send_text(f"Message text was: {message['text']}")
