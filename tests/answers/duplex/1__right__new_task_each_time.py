numbers_app = FastAPI()


@numbers_app.websocket("/ws")
async def numbers(websocket: WebSocket):
    async def count():
        number = 0
        while True:
            number += 1
            await websocket.send_text(f"{number}")
            await asyncio.sleep(0.1)

    await websocket.accept()
    task = asyncio.create_task(count())
    try:
        while True:
            if await websocket.receive_text() == "again":
                task.cancel()
                task = asyncio.create_task(count())
    except WebSocketDisconnect:
        task.cancel()
