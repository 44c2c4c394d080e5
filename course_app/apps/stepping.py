"""Run a coroutine at once for as far as it gets, and make a task only of what has to wait.

`asyncio.create_task` always postpones the first step to the next turn of the event loop. Python 3.12 has
`asyncio.eager_task_factory` for this; here is what it does, for 3.11 too, and without a task where nothing waits.

Use it for coroutines that wait for nothing but asyncio futures and do not ask which task they run in, as `send` of an
ASGI server does. `asyncio.timeout` and anyio's cancel scopes do ask: inside a stepped coroutine they would find the
caller's task.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

DONE = object()


def start(work: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None] | None:
    """Step `work` until it waits. Returns None when it is done, otherwise the rest of it, to be awaited in a task.

    Raises what `work` raises before its first wait.
    """
    waits_for = next(work.__await__(), DONE)  # `next` with a default is quicker than to catch StopIteration
    return None if waits_for is DONE else _rest(work, waits_for)


async def _rest(work: Coroutine[Any, Any, None], waits_for: Any) -> None:
    try:
        await _resume(work, waits_for)
    finally:
        work.close()


@coroutine
def _resume(work: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    # The task that awaits this gets the future it would have got from `work` itself, still marked as newly awaited.
    try:
        while True:
            try:
                result = yield waits_for
            except BaseException as error:  # a cancellation, say: it is for the work to deal with
                waits_for = work.throw(error)
            else:
                waits_for = work.send(result)
    except StopIteration:
        return
