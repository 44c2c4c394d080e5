origin_app = FastAPI()
ALLOWED = {"https://bank.example", "http://localhost:8000"}


async def own_page(origin: Annotated[str | None, Header()] = None):
    if origin not in ALLOWED | {None, "null"}:
        raise WebSocketException(code=1008)


@origin_app.websocket("/ws", dependencies=[Depends(own_page)])
async def balance(websocket: WebSocket, session: Annotated[str, Cookie()]):
    await websocket.accept()
    await websocket.send_text(f"balance of {session}: 100")
    await websocket.close()
