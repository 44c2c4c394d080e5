"""One kernel launched ahead, so that the next check or submission need not wait for it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from .kernel import Kernel
from .launch import KernelFailed, Launched, launch
from .sandbox.policy import Sandbox


class Prelaunch:
    """A kernel factory for `grading.engine`: `await prelaunch()` returns the kernel that was launched ahead.

    It outlives event loops: what is launched ahead is a process that nobody has sent a message to.
    `always` says whether to launch the next kernel whenever one is returned; `refill` launches one now.
    Kernels that have been used are ended in a thread, and `close` waits for that.
    """

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        """Launch kernels in that sandbox, or without one."""
        self.always = False
        self._launch = functools.partial(launch, sandbox=sandbox)
        self._next: Future[Launched] | None = None
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="prelaunch")

    async def __call__(self) -> Kernel:
        """Return a fresh kernel: the one launched ahead where it lives, else a new one. Raises KernelFailed."""
        waited = self._next is not None
        try:
            kernel = await self._take()
        except KernelFailed:
            if not waited:
                raise
            kernel = await self._take()
        if self.always:
            self.refill()
        return kernel

    def refill(self) -> None:
        """Launch a kernel ahead, unless there is one."""
        if self._next is None:
            self._next = self._threads.submit(self._launch)

    def close(self) -> None:
        """End the kernel that was launched ahead, and wait until those that have been used are gone."""
        waiting, self._next = self._next, None
        if waiting is not None and waiting.exception() is None:
            waiting.result().end()
        self._threads.shutdown()

    async def _take(self) -> Kernel:
        """Connect to the kernel that was launched ahead, or to a new one; it stays there where this is cancelled."""
        self.refill()
        assert self._next is not None
        try:
            launched = await asyncio.shield(asyncio.wrap_future(self._next))
        except Exception:
            self._next = None
            raise
        self._next = None
        return await Kernel.connected(launched, run_aside=self._run_aside)

    async def _run_aside(self, end: Callable[[], None]) -> None:
        self._threads.submit(end)
