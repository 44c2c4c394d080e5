"""What the engine runs inside the kernel: it serves the learner's app, or calls the learner's function, and writes
what came of it.

The verdict is not reached here.
The engine imports this module under a name of its own, so that nothing a learner has called `serve` or `check` is in
its way.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any

from ..checks.backend import Unusable
from ..checks.here import Here
from ..errors import CourseError
from ..server import Server

_answers: dict[str, Here] = {}


async def do(reply: str, operation: str, target: str, arguments: str, served: list[str]) -> None:
    """Perform `operation` on the answer called `target` and write the outcome, as JSON, to the file `reply`.

    Before that, the answers called `served` are closed: no task asks anything of them any more.
    The outcome has one of the keys `value`, `unusable` (with `fields`) and `error`.
    """
    outcome: dict[str, Any]
    try:
        for done in served:
            with contextlib.suppress(Exception):  # that task has its verdict, and this one is not to blame
                await _close(done)
        outcome = {"value": await _operations[operation](_answer(target), **json.loads(arguments))}
    except Unusable as unusable:
        outcome = {
            "unusable": unusable.diagnosis,
            "fields": {key: str(value) for key, value in unusable.fields.items()},
        }
    except CourseError as error:
        outcome = {"error": str(error)}
    _write(Path(reply), json.dumps(outcome, default=repr))


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _answer(target: str) -> Here:
    if target not in _answers:
        from IPython import get_ipython

        _answers[target] = Here(target, get_ipython().user_ns)
    return _answers[target]


async def _address(answer: Here) -> str:
    return _where(await answer.address())


async def _make(answer: Here, args: list[Any]) -> str:
    return _where(await answer.make(*args))


def _where(server: Server | str) -> str:
    if isinstance(server, str):
        return server
    return f"unix:{server.uds}" if server.uds else server.url.replace("http", "ws", 1)


async def _call(answer: Here, args: list[Any], timeout: float) -> dict[str, Any]:
    return dataclasses.asdict(await answer.call(*args, timeout=timeout))


async def _stop_serving(answer: Here) -> None:
    await answer.stop_serving()


async def _logs(answer: Here) -> list[str]:
    return (await answer.logs())[-200:]


async def _nothing(answer: Here) -> None:
    return None


async def _close(target: str) -> None:
    if target in _answers:
        await _answers.pop(target).close()


_operations: dict[str, Any] = {
    "address": _address,
    "make": _make,
    "call": _call,
    "stop_serving": _stop_serving,
    "logs": _logs,
    "nothing": _nothing,
}
