here_app = FastAPI()
here = set()


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    await websocket.accept()
    here.add(websocket)
    number = len(here)
    try:
        async for _ in websocket.iter_text():
            await websocket.send_text(str(number))
    finally:
        here.discard(websocket)
