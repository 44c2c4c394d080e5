calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for call in websocket.iter_json():
        a, b = call["a"], call["b"]
        if call["op"] == "add":
            result = a + b
        if call["op"] == "sub":
            result = a - b
        else:
            result = a * b
        await websocket.send_json({"result": result})
