work_app = FastAPI()


@work_app.websocket("/ws")
async def worker(websocket: WebSocket):
    running = 0

    async def answer(text):
        nonlocal running
        running += 1
        result = await work(text)
        running -= 1
        await websocket.send_text(result)

    await websocket.accept()
    try:
        async with asyncio.TaskGroup() as group:
            async for text in websocket.iter_text():
                if text == "busy":
                    await websocket.send_text(str(running))
                else:
                    group.create_task(answer(text))
                    await asyncio.sleep(0)
    except* WebSocketDisconnect:
        pass
