"""One kernel started ahead, so that the next check or submission need not wait for it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from .kernel import Kernel
from .launch import KernelFailed, Launched, launch
from .sandbox.policy import Sandbox


class Prelaunch:
    """A kernel factory for the engine: `await spare()` hands out the kernel that waits, `refill()` starts the next
    one.

    It outlives event loops: what waits is a process that nobody has talked to.
    `again` says whether to refill whenever a kernel is handed out.
    Kernels that have been used are ended aside, too, and `close` waits for that.
    """

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self.again = False
        self._launch = functools.partial(launch, sandbox=sandbox)
        self._next: Future[Launched] | None = None
        self._aside = ThreadPoolExecutor(2, thread_name_prefix="spare")

    async def __call__(self) -> Kernel:
        """Return a fresh kernel: the spare where it lives, else a new one. Raises KernelFailed."""
        waited = self._next is not None
        try:
            kernel = await self._take()
        except KernelFailed:
            if not waited:
                raise
            kernel = await self._take()
        if self.again:
            self.refill()
        return kernel

    def refill(self) -> None:
        if self._next is None:
            self._next = self._aside.submit(self._launch)

    def close(self) -> None:
        """End the kernel that waits."""
        waiting, self._next = self._next, None
        if waiting is not None and waiting.exception() is None:
            waiting.result().end()
        self._aside.shutdown()

    async def _take(self) -> Kernel:
        """Connect to the kernel that waits, or to a new one; where this is cancelled meanwhile, it goes on waiting."""
        self.refill()
        assert self._next is not None
        try:
            launched = await asyncio.shield(asyncio.wrap_future(self._next))
        except Exception:
            self._next = None
            raise
        self._next = None
        return await Kernel.connected(launched, clear=self._clear)

    async def _clear(self, end: Callable[[], None]) -> None:
        self._aside.submit(end)
