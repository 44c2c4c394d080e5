idle_app = FastAPI()


@idle_app.websocket("/ws")
async def idle(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await asyncio.wait_for(websocket.receive_text(), 0.04))
    except TimeoutError:
        await websocket.close(4408, "idle")
    except WebSocketDisconnect:
        pass
