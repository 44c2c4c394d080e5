calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            call = await websocket.receive_json()
            a, b = call["a"], call["b"]
            await websocket.send_json({"result": {"add": a + b, "sub": a - b, "mul": a * b}[call["op"]]})
    except Exception as error:
        if getattr(error, "code", 0) != 1000:
            raise
