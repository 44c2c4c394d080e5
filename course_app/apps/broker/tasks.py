"""Cancel tasks and run coroutines side by side, and return only when all of them have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def cancel_and_wait(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks again and again until they end: on Python 3.11, `asyncio.wait_for` can swallow a cancellation.

    Raises `CancelledError` when it was cancelled meanwhile, but only after the tasks have ended.
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
    """Run coroutines until one of them ends, cancel the others, and raise the exception of the first one, if any."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    for task in tasks:
        # Retrieve each exception: otherwise asyncio logs those of the tasks that were cancelled.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await cancel_and_wait(tasks)
    for task in done:
        task.result()
