numbers_app = FastAPI()


@numbers_app.websocket("/ws")
async def numbers(websocket: WebSocket):
    async def count():
        number = 0
        while True:
            number += 1
            await websocket.send_text(str(number))
            await asyncio.sleep(0.1)

    await websocket.accept()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(count())
            while True:
                if await websocket.receive_text() == "again":
                    group.create_task(count())
    except* WebSocketDisconnect:
        pass
