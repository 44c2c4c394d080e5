"""Origin check, login, ticket, connection limit: `fastapi dev course_app/apps/secure.py`.

In production, replace `sessions` by your real login, and start uvicorn with
`--ws-max-size 65536 --ws-per-message-deflate false`.
"""

import asyncio
import secrets
from collections import Counter
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Response, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages

app = FastAPI(title="Secure")
add_pages(app, "secure.html")
sessions: dict[str, str] = {}
tickets: dict[str, str] = {}
connection_counts: Counter[str] = Counter()


async def check_origin(host: Annotated[str, Header()], origin: Annotated[str | None, Header()] = None):
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        raise HTTPException(403, "not from this page")


@app.post("/login/{name}")
async def login(name: str, response: Response):
    session = secrets.token_urlsafe()
    sessions[session] = name
    response.set_cookie("session", session, httponly=True, samesite="strict")


@app.post("/ticket")
async def issue_ticket(session: Annotated[str, Cookie()] = ""):
    if session not in sessions:
        raise HTTPException(401, "log in first")
    ticket = secrets.token_urlsafe()
    tickets[ticket] = sessions[session]
    asyncio.get_running_loop().call_later(10, tickets.pop, ticket, None)
    return {"ticket": ticket}


@app.websocket("/ws", dependencies=[Depends(check_origin)])
async def chat(websocket: WebSocket):
    await websocket.accept()
    try:
        async with asyncio.timeout(5):
            name = tickets.pop(await websocket.receive_text())
    except (TimeoutError, KeyError):
        return await websocket.close(code=4401, reason="a ticket, please")
    except WebSocketDisconnect:
        return
    if connection_counts[name] >= 2:
        return await websocket.close(code=1013, reason="two are enough")
    connection_counts[name] += 1
    try:
        async for text in websocket.iter_text():
            await websocket.send_text(f"{name}: {text}")
    finally:
        connection_counts[name] -= 1
