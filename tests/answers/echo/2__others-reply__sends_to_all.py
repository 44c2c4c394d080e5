every_app = FastAPI()
clients = []


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    clients.append(websocket)
    async for text in websocket.iter_text():
        for client in clients:
            await client.send_text(f"Message text was: {text}")
