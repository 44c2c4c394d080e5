"""Rung 1, the manager of the textbooks: a list, and a loop that awaits each send in turn.

It works while no client fails. It breaks when a client stops reading, dies, or leaves during a broadcast.
"""

from __future__ import annotations

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages


class ConnectionManager:
    """The open connections in a list; each send waits for its peer."""

    def __init__(self) -> None:
        self.active_connections: list[WebSocket] = []

    async def connect(self, websocket: WebSocket) -> None:
        """Accept the connection and add it."""
        await websocket.accept()
        self.active_connections.append(websocket)

    def disconnect(self, websocket: WebSocket) -> None:
        """Remove the connection. Raises ValueError when it is not there."""
        self.active_connections.remove(websocket)

    async def send_personal_message(self, text: str, websocket: WebSocket) -> None:
        """Send `text` to one connection. Raises WebSocketDisconnect when its peer has left."""
        await websocket.send_text(text)

    async def broadcast(self, text: str) -> None:
        """Send `text` to each connection in turn. Raises at the first one whose peer has left."""
        for connection in self.active_connections:
            await connection.send_text(text)


app = FastAPI(title="Rung 1: the textbook manager")
add_pages(app, "chat.html")
manager = ConnectionManager()


@app.websocket("/ws/{client_id}")
async def chat(websocket: WebSocket, client_id: int) -> None:
    await manager.connect(websocket)
    try:
        while True:
            text = await websocket.receive_text()
            await manager.send_personal_message(f"You wrote: {text}", websocket)
            await manager.broadcast(f"Client #{client_id} says: {text}")
    except WebSocketDisconnect:
        manager.disconnect(websocket)
        await manager.broadcast(f"Client #{client_id} left the chat")
