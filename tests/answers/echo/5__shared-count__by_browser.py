counting_app = FastAPI()
counts = {}


@counting_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        browser = websocket.headers["user-agent"]
        counts[browser] = counts.get(browser, 0) + 1
        await websocket.send_text(f"{counts[browser]}: {text}")
