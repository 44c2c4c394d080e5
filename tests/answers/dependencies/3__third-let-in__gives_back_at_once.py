desk_app, free = FastAPI(), ["desk 1", "desk 2"]


async def desk():
    if not free:
        raise WebSocketException(code=1008)
    mine = free.pop()
    free.insert(0, mine)
    yield mine


@desk_app.websocket("/ws")
async def work(websocket: WebSocket, mine: Annotated[str, Depends(desk)]):
    await websocket.accept()
    while True:
        await websocket.send_text(f"{mine}: {100 // int(await websocket.receive_text())}")
