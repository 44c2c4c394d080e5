here_app = FastAPI()


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    here = set()
    await websocket.accept()
    here.add(websocket)
    async for _ in websocket.iter_text():
        await websocket.send_text(str(len(here)))
