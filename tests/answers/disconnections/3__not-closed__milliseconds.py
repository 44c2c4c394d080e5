idle_app = FastAPI()


@idle_app.websocket("/ws")
async def idle(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            async with asyncio.timeout(400):
                text = await websocket.receive_text()
            await websocket.send_text(text)
    except TimeoutError:
        await websocket.close(4408, "idle")
    except WebSocketDisconnect:
        pass
