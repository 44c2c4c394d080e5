pulse_app = FastAPI()


@pulse_app.websocket("/ws")
async def pulse(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text("ping")
            while await asyncio.wait_for(websocket.receive_text(), 0.4) != "pong":
                pass
            await asyncio.sleep(0.1)
    except TimeoutError:
        await websocket.close(4408)
    except WebSocketDisconnect:
        pass
