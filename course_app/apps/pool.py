"""A pool of database sessions, without a database: at most `size` sessions are in use, and the next one has to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class PoolTimeout(TimeoutError):
    """All sessions were in use, and none was returned in time."""


class Session:
    """A database session, which finds items by their number."""

    async def find(self, number: str) -> str:
        """Return the item with that number. Raises LookupError for a text that is no number."""
        await asyncio.sleep(0)
        if not number.isdecimal():
            raise LookupError(f"no item {number!r}")
        return f"item {number}"


class Pool:
    """A pool of `size` sessions; `wait` is how many seconds to wait for a free one.

    `out` is the number of sessions that are in use now, `lent` the number of times that one was taken.
    """

    def __init__(self, size: int = 2, wait: float = 0.3) -> None:
        self.size, self.wait = size, wait
        self.out = self.lent = 0
        self._free = asyncio.Semaphore(size)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Take a session for the `async with` block. Raises PoolTimeout when none is free in time."""
        try:
            async with asyncio.timeout(self.wait):
                await self._free.acquire()
        except TimeoutError:
            raise PoolTimeout(f"all {self.size} sessions are in use") from None
        self.out, self.lent = self.out + 1, self.lent + 1
        try:
            yield Session()
        finally:
            self.out -= 1
            self._free.release()
