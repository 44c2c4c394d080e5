work_app = FastAPI()


@work_app.websocket("/ws")
async def worker(websocket: WebSocket):
    works = []

    async def answer(text):
        await websocket.send_text(await work(text))

    await websocket.accept()
    async for text in websocket.iter_text():
        works = [one for one in works if not one.done()]
        if text == "busy":
            await websocket.send_text(str(len(works)))
        else:
            works.append(asyncio.create_task(answer(text)))
    await asyncio.gather(*works, return_exceptions=True)
