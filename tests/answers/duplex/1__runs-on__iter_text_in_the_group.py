numbers_app = FastAPI()


@numbers_app.websocket("/ws")
async def numbers(websocket: WebSocket):
    await websocket.accept()
    number = 0

    async def count():
        nonlocal number
        while True:
            number += 1
            try:
                await websocket.send_text(str(number))
            except Exception:
                pass
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as group:
        group.create_task(count())
        async for text in websocket.iter_text():
            if text == "again":
                number = 0
