"""The WebSocket connections of a server: an ASGI wrapper that tracks them, and the table of them."""

from __future__ import annotations

import html
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import unquote

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AGENT = "course-client/"


@dataclass
class Connection:
    """One WebSocket: the peer's label, the path, the state, and since when (seconds of time.monotonic)."""

    peer: str
    path: str
    state: str = "connecting"
    since: float = field(default_factory=time.monotonic)


class Tracker:
    """An ASGI app around `app` that keeps a list of its WebSocket connections (ASGI specification, "WebSocket")."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.rows: dict[int, Connection] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and track the state of each WebSocket connection."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        row = self.rows[id(scope)] = Connection(_peer(scope), scope["path"])

        async def receiving() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                row.state = "closed"
            return message

        async def sending(message: Message) -> None:
            row.state = {"websocket.accept": "open", "websocket.close": "closed"}.get(message["type"], row.state)
            await send(message)

        try:
            await self.app(scope, receiving, sending)
        finally:
            del self.rows[id(scope)]


class Connections(list[Connection]):
    """The connections of a server at one moment, oldest first; renders as a table."""

    def __repr__(self) -> str:
        """Return a table without times, so that it is the same in each run."""
        if not self:
            return "nobody is connected"
        rows = [("peer", "path", "state"), *((row.peer, row.path, row.state) for row in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

    def _repr_html_(self) -> str:
        if not self:
            return "<p>Nobody is connected.</p>"
        now = time.monotonic()
        rows = ((row.peer, row.path, row.state, f"{now - row.since:.0f} s") for row in self)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        head = "".join(f'<th scope="col">{name}</th>' for name in ("peer", "path", "state", "for"))
        return f"<table><caption>Connections</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _peer(scope: Scope) -> str:
    """Return the name of one of our clients, `browser`, or `other`."""
    agent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"user-agent"), "")
    if agent.startswith(AGENT):
        return unquote(agent.removeprefix(AGENT))
    return "browser" if agent.startswith("Mozilla/") else "other"
