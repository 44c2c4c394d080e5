calculator_app = FastAPI()


@calculator_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for call in websocket.iter_json():
        await websocket.send_json({"result": call.a + call.b})
