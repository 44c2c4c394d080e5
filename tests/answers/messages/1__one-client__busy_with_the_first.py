import asyncio

calculator_app = FastAPI()
busy = asyncio.Lock()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async with busy:
        async for call in websocket.iter_json():
            a, b = call["a"], call["b"]
            await websocket.send_json({"result": {"add": a + b, "sub": a - b, "mul": a * b}[call["op"]]})
