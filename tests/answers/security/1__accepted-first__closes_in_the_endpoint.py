origin_app = FastAPI()
ALLOWED = {"https://bank.example", "http://localhost:8000"}


@origin_app.websocket("/ws")
async def balance(
    websocket: WebSocket, session: Annotated[str, Cookie()], origin: Annotated[str | None, Header()] = None
):
    await websocket.accept()
    if origin is not None and origin not in ALLOWED:
        return await websocket.close(code=1008)
    await websocket.send_text(f"balance of {session}: 100")
    await websocket.close()
