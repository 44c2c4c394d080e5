numbers_app = FastAPI()


@numbers_app.websocket("/ws")
async def numbers(websocket: WebSocket):
    await websocket.accept()
    number = 0
    try:
        while True:
            number += 1
            await websocket.send_text(str(number))
            await asyncio.sleep(0.1)
            if await websocket.receive_text() == "again":
                number = 0
    except WebSocketDisconnect:
        pass
