import asyncio

every_app = FastAPI()


@every_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    queue = asyncio.Queue()

    async def reply():
        while True:
            await websocket.send_text("Message text was: " + await queue.get())

    replies = asyncio.create_task(reply())
    try:
        async for text in websocket.iter_text():
            queue.put_nowait(text)
    finally:
        replies.cancel()
