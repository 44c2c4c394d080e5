pulse_app = FastAPI()


@pulse_app.websocket("/ws")
async def pulse(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            async with asyncio.timeout(5):
                while await websocket.receive_text() != "pong":
                    pass
            await websocket.send_text("ping")
    except TimeoutError:
        await websocket.close(4408)
    except WebSocketDisconnect:
        pass
