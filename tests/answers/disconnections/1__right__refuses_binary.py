here_app = FastAPI()
here = set()


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    await websocket.accept()
    here.add(websocket)
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            if message.get("text") is None:
                await websocket.close(1003)
                return
            await websocket.send_text(str(len(here)))
    finally:
        here.discard(websocket)
