calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for call in websocket.iter_json():
        a, b = call["a"], call["b"]
        result = {"add": a + b, "sub": a - b, "mul": a * b}[call["op"]]
        if call["op"] != "sub" and result < 0:
            continue
        await websocket.send_json({"result": result})
