import contextlib

here_app = FastAPI()
count = 0


@contextlib.contextmanager
def counted():
    global count
    count += 1
    try:
        yield
    finally:
        count -= 1


@here_app.websocket("/ws")
async def stay(websocket: WebSocket):
    await websocket.accept()
    with counted():
        async for _ in websocket.iter_text():
            await websocket.send_text(f"{count}")
