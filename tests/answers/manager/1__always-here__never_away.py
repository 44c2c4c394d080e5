here_app = FastAPI()
here = []


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    await websocket.accept()
    here.append(client_id)
    async for text in websocket.iter_text():
        await websocket.send_text("here")
