work_app = FastAPI()


@work_app.websocket("/ws")
async def worker(websocket: WebSocket):
    await websocket.accept()
    works = []

    async def answer(text):
        result = await work(text)
        works.remove(text)
        await websocket.send_text(result)

    tasks = []
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        if message["text"] == "busy":
            await websocket.send_text(f"{len(works)}")
        else:
            works.append(message["text"])
            tasks.append(asyncio.create_task(answer(message["text"])))
    for task in tasks:
        task.cancel()
