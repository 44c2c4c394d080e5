switch_app = FastAPI()


@switch_app.websocket("/ws")
async def switch(websocket: WebSocket):
    await websocket.accept()
    ticking = False
    async for text in websocket.iter_text():
        ticking = text == "on"
        if ticking:
            await asyncio.sleep(0.1)
        else:
            await websocket.send_text("stopped")
