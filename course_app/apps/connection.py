"""One client of a chat: sending to it never waits, and its queue and its time-outs are bounded.

A message that the peer can take goes out at once, without a task.
Any other waits in a bounded queue for a writer task of this client: a slow peer never delays another client's endpoint.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import WebSocket
from starlette.types import Send

from course_app.apps.abort import abort_connection
from course_app.apps.delivery import GONE, send_to_all
from course_app.apps.direct import direct_send


@dataclass(frozen=True)
class Limits:
    """The memory and the time that one slow client may cost."""

    max_queue: int = 256  # messages that may wait for the client
    when_full: Literal["drop oldest", "drop newest", "disconnect"] = "disconnect"  # policy for one message more
    send_timeout: float = 20.0  # seconds until one message has to be sent
    close_timeout: float = 5.0  # seconds until the close frame has to be sent


@dataclass(eq=False, slots=True)
class Client:
    """One accepted connection: `send` to it, iterate over it to receive, `disconnect` it, and `close` it at the end."""

    websocket: WebSocket
    name: str
    limits: Limits = Limits()
    rooms: set[str] = field(default_factory=set)
    queue: deque[dict[str, Any]] = field(default_factory=deque)  # ASGI messages that the peer could not take yet
    writer: asyncio.Task[None] | None = None  # sends the queue; it exists only while a message waits
    receive_timeout: asyncio.Timeout | None = None  # around the `receive` that waits now
    closing: tuple[int, str] | None = None  # close code and reason, once it is disconnected
    peer_left: bool = False
    received_count: int = 0  # texts that came from the peer
    dropped_count: int = 0  # messages that a full queue had no place for
    _send: Send = field(init=False)

    def __post_init__(self) -> None:
        self._send = direct_send(self.websocket)

    def send(self, text: str) -> None:
        """Send `text` now, or as soon as the peer can take it. Never waits, and never raises because the peer left."""
        send_to_all((self,), {"type": "websocket.send", "text": text})

    def enqueue(self, message: dict[str, Any]) -> None:
        """Put an ASGI message into the queue; when it is full, follow the policy `limits.when_full`."""
        if self.closing:
            return
        if len(self.queue) < self.limits.max_queue:
            self.queue.append(message)
        elif self.limits.when_full == "disconnect":
            self.disconnect(1013, "too slow")
        else:
            self.dropped_count += 1
            if self.limits.when_full == "drop oldest":
                self.queue.popleft()
                self.queue.append(message)

    async def write(self, sending: Coroutine[Any, Any, None]) -> None:
        """Finish `sending`, then send the queue; disconnect the client when one message takes too long."""
        try:
            async with asyncio.timeout(self.limits.send_timeout) as send_timeout:
                await sending
                while self.queue:
                    send_timeout.reschedule(asyncio.get_running_loop().time() + self.limits.send_timeout)
                    await self._send(self.queue.popleft())
        except TimeoutError:
            self.disconnect(1013, "stopped reading")
        except GONE:
            self.disconnect(1001, "")
        finally:
            self.writer = None

    def disconnect(self, code: int, reason: str) -> None:
        """Send nothing more, and end the iteration over this client, so that its endpoint calls `close`.

        `close` sends `code` and `reason`; a second call changes neither.
        """
        if self.closing:
            return
        self.closing = code, reason
        self.queue.clear()
        if self.receive_timeout:
            self.receive_timeout.reschedule(0)  # expires now

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield each text that arrives, until the peer leaves or is disconnected.

        A binary frame disconnects it with close code 1003 (RFC 6455, section 7.4.1).
        """
        while not self.closing:
            try:
                async with asyncio.timeout(None) as self.receive_timeout:  # no limit until `disconnect` sets one
                    message = await self.websocket.receive()
            except TimeoutError:
                break
            finally:
                self.receive_timeout = None
            if message["type"] == "websocket.disconnect":
                self.peer_left = True
                self.disconnect(message.get("code", 1005), "")
            elif message.get("text") is None:
                self.disconnect(1003, "text only")
            else:
                yield message["text"]
                self.received_count += 1
                if self.received_count % 16 == 0:
                    await asyncio.sleep(0)  # many may have come at once: let the writers and the other readers run

    async def close(self) -> None:
        """Send the close frame within `limits.close_timeout` seconds; abort the connection if its peer takes none."""
        try:
            async with asyncio.timeout(1.0 if self.peer_left else self.limits.close_timeout):
                if self.writer:
                    await asyncio.wait({self.writer})
                if not self.peer_left:
                    await self.websocket.close(*(self.closing or (1000, "")))
        except TimeoutError:
            abort_connection(self.websocket)
        except GONE:
            pass
