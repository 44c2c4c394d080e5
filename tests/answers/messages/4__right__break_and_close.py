limited_app = FastAPI()


@limited_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        if len(text.encode("utf-8")) <= 100:
            await websocket.send_text(text)
        else:
            break
    else:
        return
    await websocket.close(1009)
