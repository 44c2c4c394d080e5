here_app = FastAPI()
here = {}


async def stay(websocket: WebSocket):
    client_id = websocket.path_params["client_id"]
    await websocket.accept()
    here.setdefault(client_id, []).append(websocket)
    try:
        while True:
            text = (await websocket.receive_text()).strip()
            await websocket.send_text("here" if here.get(text) else "away")
    except (WebSocketDisconnect, KeyError):
        pass
    finally:
        here[client_id].remove(websocket)


here_app.add_api_websocket_route("/ws/{client_id}", stay)
