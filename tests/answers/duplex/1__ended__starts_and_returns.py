numbers_app = FastAPI()


@numbers_app.websocket("/ws")
async def numbers(websocket: WebSocket):
    async def count():
        for number in range(1, 1000):
            await websocket.send_text(str(number))
            await asyncio.sleep(0.1)

    await websocket.accept()
    asyncio.create_task(count())
