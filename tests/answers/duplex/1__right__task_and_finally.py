numbers_app = FastAPI()


@numbers_app.websocket("/ws")
async def numbers(websocket: WebSocket):
    await websocket.accept()
    state = {"number": 0}

    async def count():
        while True:
            state["number"] += 1
            await websocket.send_text(str(state["number"]))
            await asyncio.sleep(0.1)

    task = asyncio.create_task(count())
    try:
        async for text in websocket.iter_text():
            if text == "again":
                state["number"] = 0
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
