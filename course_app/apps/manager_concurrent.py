"""Rung 3, a manager that sends to everybody at the same time.

What changed: `asyncio.gather` makes a task for each send, so a client that does not read no longer delays the others.
The limit: `gather` waits for the slowest client, so the endpoint of the sender waits too, and never reads the sender's
next message. And it costs a task for each client and message: when no client is slow, it is slower than the loop.
"""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages


class ConnectionManager:
    """The open connections in a set; a broadcast sends to all at the same time and waits for the slowest."""

    def __init__(self) -> None:
        self.active_connections: set[WebSocket] = set()

    async def connect(self, websocket: WebSocket) -> None:
        """Accept the connection and add it."""
        await websocket.accept()
        self.active_connections.add(websocket)

    def disconnect(self, websocket: WebSocket) -> None:
        """Remove the connection; a second call does nothing."""
        self.active_connections.discard(websocket)

    async def send_personal_message(self, text: str, websocket: WebSocket) -> None:
        """Send `text` to one connection, or remove it when its peer has left."""
        try:
            await websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):  # it has left, or a close frame was already sent
            self.disconnect(websocket)

    async def broadcast(self, text: str) -> None:
        """Send `text` to all connections at the same time, and return after the slowest."""
        sends = [self.send_personal_message(text, connection) for connection in self.active_connections]
        await asyncio.gather(*sends)


app = FastAPI(title="Rung 3: concurrent sends")
add_pages(app, "chat.html")
manager = ConnectionManager()


@app.websocket("/ws/{client_id}")
async def chat(websocket: WebSocket, client_id: int) -> None:
    await manager.connect(websocket)
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            text = message.get("text")
            if text is None:
                await websocket.close(1003, "text only")
                break
            await manager.send_personal_message(f"You wrote: {text}", websocket)
            await manager.broadcast(f"Client #{client_id} says: {text}")
    finally:
        manager.disconnect(websocket)
        await manager.broadcast(f"Client #{client_id} left the chat")
