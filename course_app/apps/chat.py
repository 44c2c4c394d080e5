"""The finished chat: rooms, presence, and a shutdown that closes every connection.

Run it with `fastapi dev course_app/apps/chat.py`, or with
`uvicorn course_app.apps.chat:app --timeout-graceful-shutdown 3`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, WebSocket

from course_app.apps.manager import LOBBY, ConnectionManager
from course_app.apps.pages import add_pages

Room = Annotated[str, Query(min_length=1, max_length=40)]
manager = ConnectionManager()
app = FastAPI(title="Chat", lifespan=manager.lifespan)
add_pages(app, "chat.html")


@app.get("/present")
async def present(room: Room = LOBBY) -> list[str]:
    """The names of those in a room, in order of arrival."""
    return manager.present(room)


@app.websocket("/ws/{client_id}")
async def chat(websocket: WebSocket, client_id: int, room: Room = LOBBY) -> None:
    client = await manager.connect(websocket, str(client_id), room)
    try:
        async for text in client:
            client.send(f"You wrote: {text}")
            manager.broadcast(f"Client #{client_id} says: {text}", room)
    finally:
        manager.disconnect(client)
        manager.broadcast(f"Client #{client_id} left the chat", room)
        await client.close()
