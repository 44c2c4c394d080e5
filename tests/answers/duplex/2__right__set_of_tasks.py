work_app = FastAPI()


@work_app.websocket("/ws")
async def worker(websocket: WebSocket):
    works = set()

    async def answer(text):
        await websocket.send_text(await work(text))

    await websocket.accept()
    try:
        async for text in websocket.iter_text():
            if text == "busy":
                await websocket.send_text(str(len(works)))
                continue
            task = asyncio.create_task(answer(text))
            works.add(task)
            task.add_done_callback(works.discard)
    finally:
        for task in works:
            task.cancel()
