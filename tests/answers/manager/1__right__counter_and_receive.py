from collections import Counter

here_app = FastAPI()
here = Counter()


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    await websocket.accept()
    here[client_id] += 1
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect" or message.get("text") is None:
                break
            await websocket.send_text("here" if here[int(message["text"])] > 0 else "away")
    finally:
        here[client_id] -= 1
