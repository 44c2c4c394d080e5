"""One client of a chat: sending to it never makes anybody wait, and it cannot take more memory than its limits say.

What the peer can take goes out at once, without a task. Only what it cannot take waits, in a bounded queue, for a
writer of its own: the trouble of one peer, slow, dead or hostile, never reaches the handler of another.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import WebSocket
from starlette.types import Send

from course_app.apps.delivery import GONE, send_to_all
from course_app.apps.direct import shortest
from course_app.apps.hangup import hang_up


@dataclass(frozen=True)
class Limits:
    """How long to bear with a client that cannot keep up."""

    waiting: int = 256  # messages that may wait for it
    when_full: Literal["drop oldest", "drop newest", "disconnect"] = "disconnect"  # what happens when one more would
    patience: float = 20.0  # seconds that one message may take to leave
    farewell: float = 5.0  # seconds that the close frame may take to leave


@dataclass(eq=False, slots=True)
class Client:
    """One accepted connection: `send` to it, iterate over it to receive, `let_go` to end it, `close` it at last."""

    websocket: WebSocket
    name: str
    limits: Limits = Limits()
    rooms: set[str] = field(default_factory=set)
    waiting: deque[dict[str, Any]] = field(default_factory=deque)  # what the peer could not take yet
    writer: asyncio.Task[None] | None = None  # there is one only while something waits
    listening: asyncio.Timeout | None = None
    goodbye: tuple[int, str] | None = None  # close code and reason, once it is let go
    left: bool = False
    taken: int = 0  # messages that came from it
    dropped: int = 0  # messages that a full queue had no place for
    post: Send = field(init=False)  # how an ASGI message leaves

    def __post_init__(self) -> None:
        self.post = shortest(self.websocket)

    def send(self, text: str) -> None:
        """Send `text` now, or as soon as the peer can take it. Never waits, and never raises because the peer left."""
        send_to_all((self,), {"type": "websocket.send", "text": text})

    def keep(self, message: dict[str, Any]) -> None:
        """Let a message wait for its turn, as far as the limits allow."""
        if self.goodbye:
            return
        if len(self.waiting) < self.limits.waiting:
            self.waiting.append(message)
        elif self.limits.when_full == "disconnect":
            self.let_go(1013, "too slow")
        else:
            self.dropped += 1
            if self.limits.when_full == "drop oldest":
                self.waiting.popleft()
                self.waiting.append(message)

    async def write(self, sending: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(self.limits.patience) as patience:
                await sending
                while self.waiting:
                    patience.reschedule(asyncio.get_running_loop().time() + self.limits.patience)
                    await self.post(self.waiting.popleft())
        except TimeoutError:
            self.let_go(1013, "stopped reading")
        except GONE:
            self.let_go(1001, "")
        finally:
            self.writer = None

    def let_go(self, code: int, reason: str) -> None:
        """Send nothing more, and end the iteration over this client, so that its endpoint comes to its `close`."""
        if self.goodbye:
            return  # the first reason stands
        self.goodbye = code, reason
        self.waiting.clear()
        if self.listening:
            self.listening.reschedule(0)  # "time is up, now"

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield each text that arrives, until the peer leaves or is let go. A binary frame lets it go with 1003."""
        while not self.goodbye:
            try:
                async with asyncio.timeout(None) as self.listening:  # no limit; it is here for `let_go`
                    message = await self.websocket.receive()
            except TimeoutError:
                break
            finally:
                self.listening = None
            if message["type"] == "websocket.disconnect":
                self.left = True
                self.let_go(message.get("code", 1005), "")
            elif message.get("text") is None:
                self.let_go(1003, "text only")
            else:
                yield message["text"]
                self.taken += 1
                if self.taken % 16 == 0:
                    await asyncio.sleep(0)  # many may have come at once: let the writers and the other readers run

    async def close(self) -> None:
        """Say goodbye, in bounded time, and hang up on a peer that does not take it."""
        try:
            async with asyncio.timeout(1.0 if self.left else self.limits.farewell):
                if self.writer:
                    await asyncio.wait({self.writer})
                if not self.left:
                    await self.websocket.close(*(self.goodbye or (1000, "")))
        except TimeoutError:
            hang_up(self.websocket)
        except GONE:
            pass
