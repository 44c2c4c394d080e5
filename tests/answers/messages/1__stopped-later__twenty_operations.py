calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    for _ in range(30):
        call = await websocket.receive_json()
        a, b = call["a"], call["b"]
        await websocket.send_json({"result": {"add": a + b, "sub": a - b, "mul": a * b}[call["op"]]})
    await websocket.close()
