calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for call in websocket.iter_text():
        a, b = call["a"], call["b"]
        results = {"add": a + b, "sub": a - b, "mul": a * b}
        await websocket.send_json({"result": results[call["op"]]})
