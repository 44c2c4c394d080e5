polite_app = FastAPI()
clients = []


@polite_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    clients.append(websocket)
    try:
        while True:
            text = await websocket.receive_text()
            await websocket.send_text(f"Message text was: {text}")
    except WebSocketDisconnect:
        clients.remove(websocket)
        for client in clients.copy():
            clients.remove(client)
            await client.close()
