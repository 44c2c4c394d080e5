here_app = FastAPI()
here = {}


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    await websocket.accept()
    here[client_id] = websocket
    try:
        async for text in websocket.iter_text():
            await websocket.send_text("here" if int(text) in here else "away")
    finally:
        if here.get(client_id) is websocket:
            del here[client_id]
