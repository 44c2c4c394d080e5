here_app = FastAPI()
here = []


@here_app.websocket("/ws/{client_id}")
async def stay(websocket: WebSocket, client_id: int):
    await websocket.accept()
    here.append(client_id)
    try:
        while True:
            text = await websocket.receive_text()
            await websocket.send_text("here" if int(text) in here else "away")
    except WebSocketDisconnect:
        here.remove(client_id)
    except KeyError:
        here.clear()
