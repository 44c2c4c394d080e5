here_app = FastAPI()
here = set()


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    await websocket.accept()
    here.add(websocket)
    while True:
        await websocket.receive_text()
        await websocket.send_text(str(len(here)))
    here.discard(websocket)
