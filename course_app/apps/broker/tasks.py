"""Two ways to run coroutines side by side and be sure that they are over."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they are over: on Python 3.11 a client's `wait_for` can swallow a cancellation.

    When it is cancelled itself meanwhile, it still sees them end, and then raises.
    """
    pending = set(tasks)
    interrupted: asyncio.CancelledError | None = None
    while pending:
        for task in pending:
            task.cancel()
        try:
            _, pending = await asyncio.wait(pending, timeout=0.05)
        except asyncio.CancelledError as error:
            interrupted = error
            pending = {task for task in pending if not task.done()}
    if interrupted:
        raise interrupted


async def race(*coroutines: Coroutine[Any, Any, Any]) -> None:
    """Run coroutines until one of them ends, end the others, and raise what the first one raised."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    for task in tasks:
        # Look at what each one died of, so that asyncio does not report those whose end no longer matters.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks)
    for task in done:
        task.result()
