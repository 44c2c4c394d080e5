"""The echo socket for known guests only, and a page to try it: `fastapi dev course_app/apps/guarded_echo.py`.

Source: FastAPI documentation, "WebSockets", section "Using Depends and others".
"""

from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, HTTPException, WebSocket

from course_app.apps.pages import add_pages

app = FastAPI(title="Guarded echo")
add_pages(app, "guarded_echo.html")
GUESTS = {"key-ada": "Ada", "key-bob": "Bob"}


async def guest(session: Annotated[str, Cookie()] = "", token: str = "") -> str:
    name = GUESTS.get(session or token)
    if name is None:
        raise HTTPException(401, "unknown key")
    return name


@app.websocket("/rooms/{room}/ws")
async def echo(websocket: WebSocket, room: int, name: Annotated[str, Depends(guest)]):
    await websocket.accept()
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return  # the client has left
        if message.get("text") is None:
            await websocket.close(code=1003, reason="text only")
            return
        await websocket.send_text(f"Message text was: {message['text']}, from {name} in room {room}")
