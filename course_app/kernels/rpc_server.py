"""What the engine runs inside the kernel: it serves the learner's app, or calls the learner's function, and says what
came of it.

The verdict is not reached here.
The engine imports this module under a name of its own, so that nothing a learner has called `serve` or `check` is in
its way.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from typing import Any

from ..checks.backend import AnswerUnusable
from ..checks.local_backend import LocalBackend
from ..errors import CourseError
from ..serving import watchdog
from ..serving.server import Server

_REQUEST_BYTES = 4_000_000
_answers: dict[str, LocalBackend] = {}


async def listen(path: str) -> None:
    """Answer requests on a Unix socket from now on, one JSON object in a line each: see `do`."""
    watchdog.enter(asyncio.get_running_loop())  # no cell runs meanwhile, so ipykernel hears no interrupt
    await asyncio.start_unix_server(_converse, path, limit=_REQUEST_BYTES)


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.closing(writer), contextlib.suppress(watchdog.Interrupted):
        async for line in reader:
            watchdog.hear(asyncio.get_running_loop())
            writer.write(json.dumps(await do(**json.loads(line)), default=repr).encode() + b"\n")
            await writer.drain()


async def do(operation: str, target: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Perform `operation` on the answer called `target`.

    What is returned has one of the keys `value`, `unusable` (with `fields`) and `error`.
    """
    try:
        return {"value": await _operations[operation](_answer(target), **arguments)}
    except AnswerUnusable as unusable:
        return {
            "unusable": unusable.diagnosis,
            "fields": {key: str(value) for key, value in unusable.fields.items()},
        }
    except CourseError as error:
        return {"error": str(error)}


def _answer(target: str) -> LocalBackend:
    if target not in _answers:
        from IPython import get_ipython

        _answers[target] = LocalBackend(target, get_ipython().user_ns)
    return _answers[target]


async def _address(answer: LocalBackend) -> str:
    return _where(await answer.address())


async def _make(answer: LocalBackend, args: list[Any]) -> str:
    return _where(await answer.make(*args))


def _where(server: Server | str) -> str:
    if isinstance(server, str):
        return server
    return f"unix:{server.uds}" if server.uds else server.url.replace("http", "ws", 1)


async def _call(answer: LocalBackend, args: list[Any], timeout: float) -> dict[str, Any]:
    return dataclasses.asdict(await answer.call(*args, timeout=timeout))


async def _stop_serving(answer: LocalBackend) -> None:
    await answer.stop_serving()


async def _running(answer: LocalBackend) -> int:
    return await answer.running()


async def _logs(answer: LocalBackend) -> list[str]:
    return (await answer.logs())[-200:]


async def _close(answer: LocalBackend) -> None:
    _answers.pop(answer.target, None)
    await answer.close()


_operations: dict[str, Any] = {
    "address": _address,
    "make": _make,
    "call": _call,
    "stop_serving": _stop_serving,
    "running": _running,
    "logs": _logs,
    "close": _close,
}
