pulse_app = FastAPI()


@pulse_app.websocket("/ws")
async def pulse(websocket: WebSocket):
    await websocket.accept()
    try:
        async with asyncio.timeout(0.4):
            while True:
                await websocket.send_text("ping")
                while await websocket.receive_text() != "pong":
                    pass
                await asyncio.sleep(0.1)
    except TimeoutError:
        await websocket.close(4408)
    except WebSocketDisconnect:
        pass
