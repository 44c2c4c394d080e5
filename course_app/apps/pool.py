"""A pool of database sessions, without a database: it lends, it counts, and it runs dry like a real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class PoolEmpty(TimeoutError):
    """Every session is out, and none came back in time."""


class Session:
    """What a pool lends: it finds items by their number."""

    async def find(self, number: str) -> str:
        """Return the item with that number. Raises LookupError for what is no number."""
        await asyncio.sleep(0)
        if not number.isdecimal():
            raise LookupError(f"no item {number!r}")
        return f"item {number}"


class Pool:
    """Lends at most `size` sessions at a time; who asks for one waits `wait` seconds, then gets PoolEmpty.

    `out` is how many are lent now, `lent` how many ever were.
    """

    def __init__(self, size: int = 2, wait: float = 0.3) -> None:
        self.size, self.wait = size, wait
        self.out = self.lent = 0
        self._free = asyncio.Semaphore(size)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Lend a session for the `async with` block. Raises PoolEmpty."""
        try:
            async with asyncio.timeout(self.wait):
                await self._free.acquire()
        except TimeoutError:
            raise PoolEmpty(f"all {self.size} sessions are out") from None
        self.out, self.lent = self.out + 1, self.lent + 1
        try:
            yield Session()
        finally:
            self.out -= 1
            self._free.release()
