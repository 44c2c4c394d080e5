idle_app = FastAPI()


@idle_app.websocket("/ws")
async def idle(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await asyncio.wait_for(websocket.receive_text(), 0.4))
    except TimeoutError:
        await websocket.close(4408)
    except WebSocketDisconnect:
        pass
