items_app = FastAPI()


async def cookie_or_token(session: Annotated[str | None, Cookie()] = None, token: Annotated[str | None, Query()] = None):
    if not (session or token):
        raise WebSocketException(code=1008)
    return session or token


@items_app.websocket("/items/{item_id}/ws")
async def items(websocket: WebSocket, item_id: str, value: Annotated[str, Depends(cookie_or_token)], q: int | None = None):
    await websocket.accept()
    async for text in websocket.iter_text():
        lines = [f"Session cookie or query token value is: {value}"]
        if q is not None:
            lines.append(f"Query parameter q is: {q}")
        lines.append(f"Message text was: {text}, for item ID: {item_id}")
        await websocket.send_text("\n".join(lines))
