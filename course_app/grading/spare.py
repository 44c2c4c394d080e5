"""One kernel started ahead, so that the next check or submission need not wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from concurrent.futures import Future, ThreadPoolExecutor

from .kernel import Kernel
from .launch import KernelFailed, Launched, launch
from .sandbox import Sandbox


class Spare:
    """A kernel factory for the engine: `await spare()` hands out the kernel that waits, `refill()` starts the next
    one.

    It outlives event loops: what waits is a process that nobody has talked to.
    `again` says whether to refill whenever a kernel is handed out.
    """

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self.again = False
        self._launch = functools.partial(launch, sandbox=sandbox)
        self._start = functools.partial(Kernel.start, sandbox=sandbox)
        self._next: Future[Launched] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spare")

    async def __call__(self) -> Kernel:
        """Return a fresh kernel: the spare where it lives, else a new one. Raises KernelFailed."""
        kernel = await self._waiting() or await self._start()
        if self.again:
            self.refill()
        return kernel

    def refill(self) -> None:
        if self._next is None:
            self._next = self._thread.submit(self._launch)

    def close(self) -> None:
        """Kill the kernel that waits."""
        waiting, self._next = self._next, None
        self._thread.shutdown()
        if waiting is not None and waiting.exception() is None:
            waiting.result().discard()

    async def _waiting(self) -> Kernel | None:
        """Return the spare, or None where there is none or it came to nothing."""
        if self._next is None:
            return None
        waiting, self._next = self._next, None
        try:
            launched = await asyncio.shield(asyncio.wrap_future(waiting))
        except asyncio.CancelledError:
            self._next = waiting
            raise
        except KernelFailed:
            return None
        with contextlib.suppress(KernelFailed):
            return await Kernel.connected(launched)
        return None
