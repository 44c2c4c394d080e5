limited_app = FastAPI()
clients = []


@limited_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    clients.append(websocket)
    async for text in websocket.iter_text():
        if len(text.encode()) > 100:
            for client in clients:
                await client.close(code=1009)
            clients.clear()
            return
        await websocket.send_text(text)
    clients.remove(websocket)
