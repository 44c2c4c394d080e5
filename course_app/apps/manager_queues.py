"""Rung 4, a manager with a queue and a writer for each client.

What changed: `broadcast` only puts the text into queues, so it never waits; each client has a task that sends its
queue.
A queue is bounded, and has a policy for when it is full: drop the oldest message, drop the newest, or disconnect.
The cost: three tasks for each client, and a task switch for each message, even when no client is slow.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages

WhenFull = Literal["drop oldest", "drop newest", "disconnect"]


class Client:
    """A connection and its queue. Its endpoint runs `write` in a task and waits for `too_slow`."""

    def __init__(self, websocket: WebSocket, max_queue: int) -> None:
        self.websocket = websocket
        self.queue: asyncio.Queue[str] = asyncio.Queue(max_queue)
        self.too_slow = asyncio.Event()

    def send(self, text: str, when_full: WhenFull) -> None:
        """Queue `text`. Never waits."""
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            if when_full == "disconnect":
                self.too_slow.set()
            elif when_full == "drop oldest":
                self.queue.get_nowait()
                self.queue.put_nowait(text)

    async def write(self) -> None:
        """Send the queue to the peer until the peer leaves or the task is cancelled."""
        try:
            while True:
                await self.websocket.send_text(await self.queue.get())
        except (WebSocketDisconnect, RuntimeError):
            pass  # `receive` tells the reader too

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame; give up after one second, when the peer does not read."""
        try:
            async with asyncio.timeout(1.0):
                await self.websocket.close(code, reason)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            pass


class ConnectionManager:
    """The clients in a set, with the limit and the policy of their queues; a broadcast never waits."""

    def __init__(self, max_queue: int = 64, when_full: WhenFull = "disconnect") -> None:
        self.max_queue = max_queue
        self.when_full = when_full
        self.clients: set[Client] = set()

    async def connect(self, websocket: WebSocket) -> Client:
        """Accept the connection, and return its client."""
        await websocket.accept()
        client = Client(websocket, self.max_queue)
        self.clients.add(client)
        return client

    def disconnect(self, client: Client) -> None:
        """Remove the client; a second call does nothing."""
        self.clients.discard(client)

    def send_personal_message(self, text: str, client: Client) -> None:
        """Queue `text` for one client. Never waits."""
        client.send(text, self.when_full)

    def broadcast(self, text: str) -> None:
        """Queue `text` for every client. Never waits."""
        for client in self.clients:
            client.send(text, self.when_full)


app = FastAPI(title="Rung 4: a queue for each client")
add_pages(app, "chat.html")
manager = ConnectionManager()


async def read(client: Client, client_id: int) -> None:
    """Broadcast each text of the client, until it leaves or sends a binary frame."""
    while (message := await client.websocket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        if text is None:
            await client.close(1003, "text only")
            break
        manager.send_personal_message(f"You wrote: {text}", client)
        manager.broadcast(f"Client #{client_id} says: {text}")
        await asyncio.sleep(0)  # many messages may have come at once: let the writers run


@app.websocket("/ws/{client_id}")
async def chat(websocket: WebSocket, client_id: int) -> None:
    client = await manager.connect(websocket)
    writer = asyncio.create_task(client.write())
    reader = asyncio.create_task(read(client, client_id))
    too_slow = asyncio.create_task(client.too_slow.wait())
    try:
        await asyncio.wait({reader, too_slow}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        manager.disconnect(client)
        manager.broadcast(f"Client #{client_id} left the chat")
        for task in (writer, reader, too_slow):
            task.cancel()
        if client.too_slow.is_set():
            await client.close(1013, "too slow")
