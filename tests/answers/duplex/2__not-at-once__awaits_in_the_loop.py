work_app = FastAPI()


@work_app.websocket("/ws")
async def worker(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            if text == "busy":
                await websocket.send_text("0")
            else:
                await websocket.send_text(await work(text))
    except WebSocketDisconnect:
        pass
