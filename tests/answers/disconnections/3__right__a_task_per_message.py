idle_app = FastAPI()


@idle_app.websocket("/ws")
async def idle(websocket: WebSocket):
    await websocket.accept()
    while True:
        waiting = asyncio.create_task(websocket.receive())
        done, _ = await asyncio.wait([waiting], timeout=0.4)
        if not done:
            waiting.cancel()
            await websocket.close(4408, "idle")
            return
        if waiting.result()["type"] == "websocket.disconnect":
            return
        await websocket.send_text(waiting.result()["text"])
