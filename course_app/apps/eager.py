"""Start a coroutine at once, and make a task only for a coroutine that has to wait.

`asyncio.create_task` postpones the first step of a coroutine to the next turn of the event loop.
`asyncio.eager_task_factory` (Python 3.12) starts it at once; this module does the same on Python 3.11 too, and makes no
task for a coroutine that never waits.

Use it for coroutines that wait for asyncio futures only and do not ask for their task, such as the `send` of an ASGI
server. `asyncio.timeout` and anyio's cancel scopes do ask: they would find the caller's task.

Source: Python documentation, "Eager Task Factory".
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

DONE = object()


def start_eagerly(coro: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None] | None:
    """Run `coro` until it first waits.

    Returns None when it has finished, otherwise a coroutine for the rest of it, which needs a task.
    Raises the exception that `coro` raises before its first wait.
    """
    future = next(coro.__await__(), DONE)  # `next` with a default is quicker than to catch StopIteration
    return None if future is DONE else _rest(coro, future)


async def _rest(coro: Coroutine[Any, Any, None], future: Any) -> None:
    try:
        await _resume(coro, future)
    finally:
        coro.close()


@coroutine
def _resume(coro: Coroutine[Any, Any, None], future: Any) -> Generator[Any, Any, None]:
    # The task that awaits this gets the future that `coro` yielded, still marked as newly awaited.
    try:
        while True:
            try:
                result = yield future
            except BaseException as error:  # a cancellation, for example: `coro` has to handle it
                future = coro.throw(error)
            else:
                future = coro.send(result)
    except StopIteration:
        return
