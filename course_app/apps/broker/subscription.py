"""What one subscriber reads: messages in order, from a queue that cannot grow without end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

Replay = Callable[[str], Awaitable[list["Message"]]]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one channel.

    `id` is the engine's position of the message, to resume from; it is empty where the engine keeps nothing.
    """

    channel: str
    text: str
    id: str = ""


def position(id: str) -> tuple[int, int]:
    """Return a stream id (`"1700000000000-3"`) as a pair that sorts as the stream does."""
    milliseconds, _, sequence = id.partition("-")
    return int(milliseconds or 0), int(sequence or 0)


class Subscription(AsyncIterator[Message]):
    """An endless iterator over the messages of one channel.

    A reader that falls behind by more than `size` messages loses the newest ones where the engine keeps nothing
    (`missed` counts them), and reads them from the engine later where it does (`replay`).
    """

    def __init__(self, channel: str, size: int, replay: Replay | None = None, after: str = "") -> None:
        """Start an empty queue of at most `size` messages; with `replay`, begin with what came after id `after`."""
        self.channel = channel
        self.missed = 0
        self.last_id = after
        self._size = size
        self._replay = replay
        self._behind = replay is not None
        self._queue: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._closed = False
        if self._behind:
            self._arrived.set()

    @property
    def waiting(self) -> int:
        """How many messages wait to be read."""
        return len(self._queue)

    def push(self, message: Message) -> None:
        """Hand in a message; never waits."""
        if self._behind or len(self._queue) >= self._size:
            self._behind = self._replay is not None
            self.missed += self._replay is None
            return
        self._queue.append(message)
        self._arrived.set()

    def close(self) -> None:
        """End the iterator once it has handed out what it holds."""
        self._closed = True
        self._arrived.set()

    async def __anext__(self) -> Message:
        """Return the next message; wait for it as long as it takes."""
        while True:
            while self._queue:
                message = self._queue.popleft()
                if self._is_new(message):
                    self.last_id = message.id
                    return message
            if self._closed:
                raise StopAsyncIteration
            if self._behind and self._replay is not None:
                await self._catch_up(self._replay)
                continue
            self._arrived.clear()
            await self._arrived.wait()

    async def _catch_up(self, replay: Replay) -> None:
        """Read a page of what this subscriber has not seen; live messages queue up behind it from now on."""
        self._behind = False
        page = await replay(self.last_id)
        if page:
            # Live messages that arrived meanwhile are in the stream too: later pages bring them, in order.
            self._queue.clear()
            self._behind = True
        self._queue.extendleft(reversed(page))

    def _is_new(self, message: Message) -> bool:
        return not message.id or position(message.id) > position(self.last_id)
