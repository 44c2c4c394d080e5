pour_app = FastAPI()


async def send(websocket, text):
    async with asyncio.timeout(0.3):
        await websocket.send_text(text)


@pour_app.websocket("/ws")
async def pour(websocket: WebSocket):
    await websocket.accept()
    try:
        async for text in websocket.iter_text():
            for _ in range(int(text)):
                await send(websocket, "x" * 100000)
            await send(websocket, "done")
    except TimeoutError:
        return
    except WebSocketDisconnect:
        return
