calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        call = websocket.receive_json()
        await websocket.send_json({"result": call["a"] + call["b"]})
