here_app = FastAPI()
here, gone = [], set()


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    await websocket.accept()
    here.append(client_id)
    try:
        async for text in websocket.iter_text():
            await websocket.send_text("here" if int(text) in here and int(text) not in gone else "away")
    finally:
        here.remove(client_id)
        if client_id not in here:
            gone.add(client_id)
