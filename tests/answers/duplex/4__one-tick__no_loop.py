switch_app = FastAPI()


@switch_app.websocket("/ws")
async def switch(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        if text == "on":
            await websocket.send_text("tick")
        else:
            await websocket.send_text("stopped")
