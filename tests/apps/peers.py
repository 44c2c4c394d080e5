"""A WebSocket for the tests of `connection.py` and `delivery.py`, whose peer stalls and dies on demand."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import WebSocketDisconnect

from course_app.apps.connection import Client, Limits


class Peer:
    """A WebSocket whose peer takes a message only while it `reads`, and raises once it is `dead`."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.reads.set()
        self.dead = False
        self.got: list[str] = []
        self.closed: tuple[int, str] | None = None
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.scope: dict[str, Any] = {"client": None, "server": None}

    async def accept(self) -> None:
        pass

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        if self.dead:
            raise WebSocketDisconnect(1006)
        self.got.append(message["text"])

    async def close(self, code: int, reason: str) -> None:
        await self.reads.wait()
        self.closed = code, reason

    async def receive(self) -> dict[str, Any]:
        return await self.incoming.get()


def client_of(peer: Any, **limits: Any) -> Client:
    """Return a client of that peer, with these limits."""
    return Client(peer, "1", Limits(**limits))
