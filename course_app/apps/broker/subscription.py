"""The messages of one channel for one subscriber, in order, from a bounded queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

Replay = Callable[[str], Awaitable[list["Message"]]]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one channel. `id` is its id in the engine, to resume from; empty without a stream."""

    channel: str
    text: str
    id: str = ""


def stream_position(id: str) -> tuple[int, int]:
    """Return a stream id (`"1700000000000-3"`) as a pair that sorts as the stream does."""
    milliseconds, _, sequence = id.partition("-")
    return int(milliseconds or 0), int(sequence or 0)


class Subscription(AsyncIterator[Message]):
    """An endless iterator over the messages of one channel.

    When more than `max_queue` messages wait, the newest ones are dropped and `missed` counts them; with an engine that
    keeps messages, they are read from the engine later instead. `last_id` is the id of the last message that was read.
    """

    def __init__(self, channel: str, max_queue: int, replay: Replay | None = None, after: str = "") -> None:
        """Start an empty queue of at most `max_queue` messages.

        `replay` reads a page of messages after an id from the engine; with it, begin after the id `after`.
        """
        self.channel = channel
        self.missed = 0
        self.last_id = after
        self._max_queue = max_queue
        self._replay = replay
        self._behind = replay is not None
        self._queue: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._closed = False
        if self._behind:
            self._arrived.set()

    @property
    def queued(self) -> int:
        """The number of messages that wait to be read."""
        return len(self._queue)

    def push(self, message: Message) -> None:
        """Put a message into the queue. Never waits."""
        if self._behind or len(self._queue) >= self._max_queue:
            self._behind = self._replay is not None
            self.missed += self._replay is None
            return
        self._queue.append(message)
        self._arrived.set()

    def close(self) -> None:
        """End the iterator after the messages that wait."""
        self._closed = True
        self._arrived.set()

    async def __anext__(self) -> Message:
        """Return the next message; waits for it without a limit. Raises `StopAsyncIteration` after `close`."""
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
        """Read a page of messages after `last_id`; new messages queue up behind it from now on."""
        self._behind = False
        page = await replay(self.last_id)
        if page:
            # Messages that arrived meanwhile are in the stream too: later pages bring them, in order.
            self._queue.clear()
            self._behind = True
        self._queue.extendleft(reversed(page))

    def _is_new(self, message: Message) -> bool:
        return not message.id or stream_position(message.id) > stream_position(self.last_id)
