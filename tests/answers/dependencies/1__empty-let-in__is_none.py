items_app = FastAPI()


async def cookie_or_token(session: Annotated[str | None, Cookie()] = None, token: Annotated[str | None, Query()] = None):
    if session is None and token is None:
        raise WebSocketException(code=1008)
    return session or token


@items_app.websocket("/items/{item_id}/ws")
async def items(websocket: WebSocket, item_id: str, value: Annotated[str, Depends(cookie_or_token)], q: int | None = None):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(f"Session cookie or query token value is: {value}")
        if q is not None:
            await websocket.send_text(f"Query parameter q is: {q}")
        await websocket.send_text(f"Message text was: {text}, for item ID: {item_id}")
