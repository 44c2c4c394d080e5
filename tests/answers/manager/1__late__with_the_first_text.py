here_app = FastAPI()
here = []


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    await websocket.accept()
    async for text in websocket.iter_text():
        if client_id not in here:
            here.append(client_id)
        await websocket.send_text("here" if int(text) in here else "away")
    here.remove(client_id)
