import json

limited_app = FastAPI()


@limited_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        if len(json.dumps(text, ensure_ascii=False).encode()) > 102:
            await websocket.close(code=1009)
            return
        await websocket.send_text(text)
