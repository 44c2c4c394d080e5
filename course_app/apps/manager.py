"""The finished manager: rooms, presence, personal messages, and a shutdown that closes every connection.

Each client gets its messages in order. Use a manager on the event loop of its connections only.
`delivery.py` sends a message to many clients without waiting, and `connection.py` limits what one client may cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI, WebSocket

from course_app.apps.connection import Client, Limits
from course_app.apps.delivery import send_to_all
from course_app.apps.pages import add_pages

LOBBY = "lobby"


@dataclass(eq=False)
class ConnectionManager:
    """The clients that are connected, and their rooms."""

    limits: Limits = Limits()
    rooms: dict[str, dict[Client, None]] = field(default_factory=dict)  # in order of arrival, no client twice

    async def connect(self, websocket: WebSocket, name: str, room: str = LOBBY) -> Client:
        """Accept the connection, put it into `room`, and return its client."""
        await websocket.accept()
        client = Client(websocket, name, self.limits)
        self.join(client, room)
        return client

    def disconnect(self, client: Client) -> None:
        """Take the client out of all its rooms; a second call does nothing."""
        for room in tuple(client.rooms):
            self.leave(client, room)

    def join(self, client: Client, room: str) -> None:
        """Put the client into one more room; it stays in the others."""
        client.rooms.add(room)
        self.rooms.setdefault(room, {})[client] = None

    def leave(self, client: Client, room: str) -> None:
        """Take the client out of `room`; the last one removes the room."""
        client.rooms.discard(room)
        self.rooms.get(room, {}).pop(client, None)
        if not self.rooms.get(room):
            self.rooms.pop(room, None)

    def present(self, room: str = LOBBY) -> list[str]:
        """Return the names in `room`, in order of arrival, each once."""
        return list(dict.fromkeys(client.name for client in self.rooms.get(room, ())))

    def broadcast(self, text: str, room: str = LOBBY, skip: Client | None = None) -> None:
        """Send `text` to all clients in `room` except `skip`. Never waits, so no client joins or leaves meanwhile."""
        members = self.rooms.get(room, {})
        others = (client for client in members if client is not skip) if skip else members
        send_to_all(others, {"type": "websocket.send", "text": text})

    def send_personal_message(self, text: str, name: str) -> None:
        """Send `text` to every connection of `name`, in any room."""
        for client in self.clients():
            if client.name == name:
                client.send(text)

    def clients(self) -> set[Client]:
        """Return the clients of all rooms."""
        return {client for members in self.rooms.values() for client in members}

    async def shutdown(self, code: int = 1012, reason: str = "service restart") -> None:
        """Close every connection with `code` and `reason`; takes `close_timeout` seconds at most."""
        clients = self.clients()
        for client in clients:
            client.disconnect(code, reason)
        await asyncio.gather(*(client.close() for client in clients))

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Close every connection when the server stops: `FastAPI(lifespan=manager.lifespan)`."""
        yield
        await self.shutdown()  # uvicorn closed everybody with 1012 before this; other servers leave it to the app


app = FastAPI(title="The finished manager, in one room")
add_pages(app, "chat.html")
manager = ConnectionManager()


@app.websocket("/ws/{client_id}")
async def chat(websocket: WebSocket, client_id: int) -> None:
    """Chat with all clients in one room."""
    client = await manager.connect(websocket, name=str(client_id))
    try:
        async for text in client:
            client.send(f"You wrote: {text}")
            manager.broadcast(f"Client #{client_id} says: {text}")
    finally:
        manager.disconnect(client)
        manager.broadcast(f"Client #{client_id} left the chat")
        await client.close()
