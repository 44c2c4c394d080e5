here_app = FastAPI()
here = {}


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    await websocket.accept()
    here[client_id] = here.get(client_id, 0) + 1
    async for text in websocket.iter_text():
        await websocket.send_text("here" if here.get(int(text)) else "away")
    here[client_id] = min(here[client_id] - 1, 1)
