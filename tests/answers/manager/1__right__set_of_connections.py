here_app = FastAPI()
here = set()


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    await websocket.accept()
    here.add((client_id, websocket))
    try:
        async for text in websocket.iter_text():
            await websocket.send_text("here" if int(text) in {number for number, _ in here} else "away")
    finally:
        here.discard((client_id, websocket))
