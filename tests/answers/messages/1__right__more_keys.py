import operator

calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    functions = {"add": operator.add, "sub": operator.sub, "mul": operator.mul}
    async for call in websocket.iter_json():
        await websocket.send_json({"op": call["op"], "result": functions[call["op"]](call["a"], call["b"])})
