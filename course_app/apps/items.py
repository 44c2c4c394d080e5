"""A WebSocket with dependencies (a cookie or a token), and a page to try it: `fastapi dev course_app/apps/items.py`.

Source: FastAPI documentation, "WebSockets", section "Using Depends and others".
"""

from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Query, WebSocket, WebSocketException, status

from course_app.apps.pages import add_pages

app = FastAPI(title="Items")
add_pages(app, "items.html")


async def cookie_or_token(
    session: Annotated[str | None, Cookie()] = None,
    token: Annotated[str | None, Query()] = None,
):
    if not (session or token):
        raise WebSocketException(code=status.WS_1008_POLICY_VIOLATION)
    return session or token


Credential = Annotated[str, Depends(cookie_or_token)]


@app.websocket("/items/{item_id}/ws")
async def items(websocket: WebSocket, *, item_id: str, q: int | None = None, credential: Credential):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(f"Session cookie or query token value is: {credential}")
        if q is not None:
            await websocket.send_text(f"Query parameter q is: {q}")
        await websocket.send_text(f"Message text was: {text}, for item ID: {item_id}")
