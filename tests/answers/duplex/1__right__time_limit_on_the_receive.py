numbers_app = FastAPI()


@numbers_app.websocket("/ws")
async def numbers(websocket: WebSocket):
    await websocket.accept()
    number, receiving = 1, asyncio.create_task(websocket.receive())
    try:
        while True:
            await websocket.send_text(str(number))
            number += 1
            done, _ = await asyncio.wait([receiving], timeout=0.1)
            while done:
                message = receiving.result()
                if message["type"] == "websocket.disconnect":
                    return
                if message.get("text") == "again":
                    number = 1
                receiving = asyncio.create_task(websocket.receive())
                done, _ = await asyncio.wait([receiving], timeout=0.1)
    except WebSocketDisconnect:
        pass
    finally:
        receiving.cancel()
