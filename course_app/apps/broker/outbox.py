"""The messages of this process that wait to be written to the engine, in the order of the calls to `publish`."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

MAX_BATCH = 100  # messages


@dataclass(slots=True)
class Outgoing:
    """A message on its way to the engine; `done` resolves when the engine has it."""

    channel: str
    text: str
    done: asyncio.Future[None]
    idempotency_key: str = ""  # lets an engine recognise a message that it has already
    attempts: int = 0


class Outbox:
    """A queue of at most `max_queue` messages, read in batches."""

    def __init__(self, max_queue: int) -> None:
        """Start empty."""
        self._max_queue = max_queue
        self._queue: deque[Outgoing] = deque()
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        """Return the number of messages that wait."""
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Whether there is no place for one more message."""
        return len(self._queue) >= self._max_queue

    def put(self, item: Outgoing) -> None:
        """Append a message."""
        self._queue.append(item)
        self._filled.set()

    def put_back(self, batch: list[Outgoing]) -> None:
        """Put a batch that was not written to the front again, without the messages that nobody waits for any more."""
        self._queue.extendleft(item for item in reversed(batch) if not item.done.done())

    def next_batch(self) -> list[Outgoing]:
        """Take out up to `MAX_BATCH` messages that somebody still waits for."""
        batch: list[Outgoing] = []
        while self._queue and len(batch) < MAX_BATCH:
            item = self._queue.popleft()
            if not item.done.done():
                batch.append(item)
        return batch

    async def wait_filled(self) -> None:
        """Return when a message was put into the empty outbox."""
        self._filled.clear()
        await self._filled.wait()

    def cancel(self) -> None:
        """Cancel every message that waits."""
        for item in self._queue:
            item.done.cancel()
        self._queue.clear()
