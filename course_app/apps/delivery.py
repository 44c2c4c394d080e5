"""One message to many clients: at once to those that can take it, and nobody waits for those that cannot.

One coroutine sends to one client after another, stepped by hand. Where a client makes it wait, the rest of it becomes
that client's writer, and a new one goes on with the others: there is a task for each peer that is slow, and no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import WebSocketDisconnect

from course_app.apps.stepping import start

if TYPE_CHECKING:
    from course_app.apps.connection import Client

# What a send raises once the peer has left or a close frame went out; an OSError comes from the server itself.
GONE = (WebSocketDisconnect, RuntimeError, OSError)


@dataclass(slots=True)
class Delivery:
    """One ASGI message on its way to one client after another; `client` is the one whose turn it is."""

    message: dict[str, Any]
    clients: Iterator[Client]
    client: Client = field(init=False)

    async def go_on(self) -> None:
        """Send to the clients that are left, until one of them has to wait: the rest of this is then its writer's."""
        for client in self.clients:
            if client.writer:
                client.keep(self.message)
            if client.writer or client.goodbye:
                continue
            self.client = client
            try:
                await client.post(self.message)
            except GONE:
                client.let_go(1001, "")
            if client.writer:
                return  # it had to wait, and others have gone on meanwhile


def send_to_all(clients: Iterable[Client], message: dict[str, Any]) -> None:
    """Send an ASGI message to each client, now or as soon as its peer can take it. Never waits for anybody."""
    delivery = Delivery(message, iter(clients))
    while rest := start(delivery.go_on()):
        delivery.client.writer = asyncio.create_task(delivery.client.write(rest))
