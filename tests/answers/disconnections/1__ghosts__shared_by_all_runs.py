here_app = FastAPI()
here = {"somebody from an earlier run"}


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    await websocket.accept()
    here.add(websocket)
    try:
        async for _ in websocket.iter_text():
            await websocket.send_text(str(len(here)))
    finally:
        here.discard(websocket)
