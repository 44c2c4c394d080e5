here_app = FastAPI()
here = set()


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    await websocket.accept()
    host = websocket.headers.get("host")
    here.add(host)
    try:
        async for _ in websocket.iter_text():
            await websocket.send_text(str(len(here)))
    finally:
        here.discard(host)
