"""Rung 2, a manager that survives departures.

What changed: a set, so that a client can be removed twice; a loop over a copy, so that no client is skipped when
another leaves meanwhile; an error stays with the peer that caused it; and the endpoint cleans up however it ends.
The limit: a client that does not read still delays all others.
"""

from __future__ import annotations

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages


class ConnectionManager:
    """The open connections in a set; a send to a peer that has left removes it and raises nothing."""

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
        try:
            await websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):  # it has left, or a close frame was already sent
            self.disconnect(websocket)

    async def broadcast(self, text: str) -> None:
        for connection in tuple(self.active_connections):
            if connection in self.active_connections:  # it may have left while this loop waited
                await self.send_personal_message(text, connection)


app = FastAPI(title="Rung 2: departures")
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
