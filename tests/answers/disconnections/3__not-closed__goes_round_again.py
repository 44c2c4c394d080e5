idle_app = FastAPI()


@idle_app.websocket("/ws")
async def idle(websocket: WebSocket):
    await websocket.accept()
    while True:
        try:
            text = await asyncio.wait_for(websocket.receive_text(), 0.4)
            await websocket.send_text(text)
        except TimeoutError:
            continue
        except WebSocketDisconnect:
            return
