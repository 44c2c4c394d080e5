"""An event loop whose clock jumps over waits: what is judged by time is judged exactly, and takes no time.

While something is ready the clock hardly moves; when everything waits, it jumps to the next timer.
Sockets are real. A thread that works for the loop holds the clock until it has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, NoReturn, TypeVar, TypeVarTuple, Unpack
from unittest import mock

import anyio.to_thread

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
TURN = 1e-4  # seconds that one turn of the loop counts, about what it costs: a loop that never waits ends as well
SETTLE = 1e-4  # real seconds in which the operating system delivers what was sent over loopback
STUCK = 30.0  # real seconds without an event while a thread works, or with no timer at all


class Clock:
    """Seconds that pass when it is told, and a little at each reading."""

    def __init__(self) -> None:
        self.now = time.monotonic()
        self.workers = 0  # threads that work for the loop
        self._lock = threading.Lock()

    def read(self) -> float:
        """Return the present moment, in seconds."""
        self.advance(1e-7)
        return self.now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; also stands in for `time.sleep` in the loop's thread."""
        with self._lock:
            self.now += seconds

    def hold(self) -> None:
        """Stand still while a thread works."""
        self.workers += 1

    def release(self, *_: object) -> None:
        """Undo one hold()."""
        self.workers -= 1


class _Selector(selectors.DefaultSelector):
    """Waits for what is ready now; where nothing is, the clock jumps."""

    clock: Clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            self.clock.advance(TURN)
            return super().select(0)
        ready = super().select(0) or super().select(SETTLE)
        if ready:
            return ready
        if timeout is None or self.clock.workers:
            return super().select(STUCK) or _stuck()
        self.clock.advance(timeout)
        return ready


def _stuck() -> NoReturn:
    raise RuntimeError(f"nothing happened in {STUCK} s, and no timer is due: does a coroutine wait for ever?")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """asyncio's loop over real sockets, on a clock of its own."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        selector = _Selector()
        selector.clock = clock
        super().__init__(selector)

    def time(self) -> float:
        """Return the clock's moment."""
        return self.clock.read()

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run `func` in a thread, which holds the clock."""
        self.clock.hold()
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self.clock.release)
        return future


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end as `asyncio.run` does, in virtual time: `time.monotonic` and its kin agree with it."""
    clock = Clock()
    to_thread = anyio.to_thread.run_sync

    async def held_to_thread(*args: Any, **options: Any) -> Any:
        clock.hold()
        try:
            return await to_thread(*args, **options)
        finally:
            clock.release()

    with contextlib.ExitStack() as stack:
        for name in ("monotonic", "perf_counter"):
            stack.enter_context(mock.patch.object(time, name, clock.read))
        stack.enter_context(mock.patch.object(time, "sleep", clock.advance))
        stack.enter_context(mock.patch.object(anyio.to_thread, "run_sync", held_to_thread))
        runner = stack.enter_context(asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(clock)))
        return runner.run(coroutine)
