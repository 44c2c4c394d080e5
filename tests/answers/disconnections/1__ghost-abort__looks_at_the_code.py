here_app = FastAPI()
here = set()


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    await websocket.accept()
    here.add(websocket)
    try:
        while True:
            await websocket.receive_text()
            await websocket.send_text(str(len(here)))
    except WebSocketDisconnect as gone:
        if gone.code in (1000, 1001, 4000):
            here.discard(websocket)
