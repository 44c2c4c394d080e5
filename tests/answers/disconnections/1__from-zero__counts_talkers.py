here_app = FastAPI()
here = set()


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    await websocket.accept()
    try:
        async for _ in websocket.iter_text():
            await websocket.send_text(str(len(here)))
            here.add(websocket)
    finally:
        here.discard(websocket)
