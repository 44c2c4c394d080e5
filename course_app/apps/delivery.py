"""Fan-out: send one message to many clients, and let no slow client delay the others.

One coroutine sends to one client after another, and is started eagerly.
Where a send has to wait, the rest of that coroutine becomes the writer task of the slow client, and a new coroutine
continues with the others: there is a task for each slow client, and no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import WebSocketDisconnect
from starlette.types import Message

from course_app.apps.eager import start_eagerly

# A send raises one of these once the peer has left or a close frame went out; an OSError comes from the server itself.
GONE = (WebSocketDisconnect, RuntimeError, OSError)


class Recipient(Protocol):
    """The part of a client that a delivery needs; `connection.Client` has it."""

    writer: asyncio.Task[None] | None
    closing: tuple[int, str] | None

    def _send(self, message: Message, /) -> Awaitable[None]:
        """Send an ASGI message to the peer."""

    def enqueue(self, message: dict[str, Any]) -> None:
        """Put an ASGI message into the queue of the writer."""

    def disconnect(self, code: int, reason: str) -> None:
        """Send nothing more."""

    async def write(self, sending: Coroutine[Any, Any, None]) -> None:
        """Finish `sending`, then send the queue."""


@dataclass(slots=True)
class Delivery:
    """One ASGI message and the clients that it has not been sent to yet; `client` is the one that it is sent to now."""

    message: dict[str, Any]
    clients: Iterator[Recipient]
    client: Recipient = field(init=False)

    async def send_to_rest(self) -> None:
        """Send to one client after another. After a send that had to wait, return: a new coroutine has gone on."""
        for client in self.clients:
            if client.writer:
                client.enqueue(self.message)
            if client.writer or client.closing:
                continue
            self.client = client
            try:
                await client._send(self.message)
            except GONE:
                client.disconnect(1001, "")
            if client.writer:
                return


def send_to_all(clients: Iterable[Recipient], message: dict[str, Any]) -> None:
    """Send an ASGI message to each client, now or as soon as its peer can take it. Never waits for anybody."""
    delivery = Delivery(message, iter(clients))
    while rest := start_eagerly(delivery.send_to_rest()):
        delivery.client.writer = asyncio.create_task(delivery.client.write(rest))
