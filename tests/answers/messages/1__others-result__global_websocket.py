calculator_app = FastAPI()
latest = None


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    global latest
    await websocket.accept()
    latest = websocket
    async for call in websocket.iter_json():
        a, b = call["a"], call["b"]
        await latest.send_json({"result": {"add": a + b, "sub": a - b, "mul": a * b}[call["op"]]})
