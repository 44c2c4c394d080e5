here_app = FastAPI()
here = 0


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    global here
    await websocket.accept()
    here += 1
    try:
        while True:
            await websocket.receive_text()
            await websocket.send_text(str(here))
    except WebSocketDisconnect:
        here -= 1
    finally:
        here -= 1
