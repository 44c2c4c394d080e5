"""One kernel kept ready, so that the next check need not wait for it."""

from __future__ import annotations

import asyncio

from .kernel import Kernel


class Spare:
    """A kernel factory for the engine: `await spare()` hands out the kernel that waits, `refill()` starts the next
    one."""

    def __init__(self) -> None:
        self._next: asyncio.Task[Kernel] | None = None

    async def __call__(self) -> Kernel:
        """Return a fresh kernel: the spare where it lives, else a new one. Raises KernelFailed."""
        if self._next is not None:
            waiting, self._next = self._next, None
            try:
                kernel = await asyncio.shield(waiting)
            except asyncio.CancelledError:
                self._next = waiting
                raise
            except Exception:
                return await Kernel.start()
            if kernel.alive:
                return kernel
            await kernel.stop()
        return await Kernel.start()

    def refill(self) -> None:
        if self._next is None:
            self._next = asyncio.create_task(Kernel.start())

    async def close(self) -> None:
        """Stop the kernel that waits."""
        if self._next is not None:
            waiting, self._next = self._next, None
            results = await asyncio.gather(waiting, return_exceptions=True)
            if isinstance(results[0], Kernel):
                await results[0].stop()
