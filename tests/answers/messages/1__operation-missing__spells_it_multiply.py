calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for call in websocket.iter_json():
        if call["op"] == "add":
            await websocket.send_json({"result": call["a"] + call["b"]})
        elif call["op"] == "sub":
            await websocket.send_json({"result": call["a"] - call["b"]})
        elif call["op"] == "multiply":
            await websocket.send_json({"result": call["a"] * call["b"]})
