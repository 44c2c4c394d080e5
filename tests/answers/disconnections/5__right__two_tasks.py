pulse_app = FastAPI()


@pulse_app.websocket("/ws")
async def pulse(websocket: WebSocket):
    await websocket.accept()
    pongs = asyncio.Queue()

    async def reader():
        async for text in websocket.iter_text():
            if text == "pong":
                pongs.put_nowait(text)

    reading = asyncio.create_task(reader())
    try:
        while not reading.done():
            await websocket.send_text("ping")
            await asyncio.wait_for(pongs.get(), 0.4)
            await asyncio.sleep(0.1)
    except TimeoutError:
        if not reading.done():
            await websocket.close(4408)
    except WebSocketDisconnect:
        pass
    finally:
        reading.cancel()
