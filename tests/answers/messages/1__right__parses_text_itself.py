import json

calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        call = json.loads(text)
        match call["op"]:
            case "add":
                result = call["a"] + call["b"]
            case "sub":
                result = call["a"] - call["b"]
            case _:
                result = call["a"] * call["b"]
        await websocket.send_text(json.dumps({"result": result}))
