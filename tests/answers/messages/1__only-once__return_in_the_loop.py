calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for call in websocket.iter_json():
        a, b = call["a"], call["b"]
        await websocket.send_json({"result": {"add": a + b, "sub": a - b, "mul": a * b}[call["op"]]})
        return
