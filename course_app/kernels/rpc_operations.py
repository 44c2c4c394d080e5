"""The operations that the grader calls in a kernel: each one's name, result and time limit, written once.

An operation is a method of `checks.backend.Backend`.
`rpc_server` performs it on the `LocalBackend` in the kernel, `grading.remote_backend` calls it from outside.

A request is `{"operation": name, "target": name of the answer, "arguments": [...], "options": {...}}`.
A reply is `{"value": ...}`, `{"unusable": diagnosis, "fields": {...}}` for AnswerUnusable, or `{"error": text}` for
another CourseError.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..checks.backend import AnswerUnusable, Backend, Called
from ..errors import CourseError
from ..serving.server import Server

UNREADABLE = "the kernel left a reply that nobody can read"

_ERROR_CHARACTERS = 1000
_LOG_LINES = 200


def _address(server: Server | str) -> str:
    """Return what `connect` takes in another process."""
    if isinstance(server, str):
        return server
    return f"unix:{server.uds}" if server.uds else server.url.replace("http", "ws", 1)


def _strings(value: Any) -> list[str]:
    return [str(line) for line in value]


def _plain(called: Called) -> dict[str, Any]:
    """Return the fields, with a value that JSON can carry: what it cannot becomes its repr, such as a coroutine."""
    try:
        value = json.loads(json.dumps(called.value, default=repr))
    except (TypeError, ValueError, RecursionError):
        value = repr(called.value)
    return {**vars(called), "value": value}


def _called(value: Any) -> Called:
    return Called(**value)


def _nothing(_value: Any) -> None:
    return None


@dataclass(frozen=True)
class Operation:
    """A method of `Backend` that can be called in the kernel.

    `name` is the method's, `seconds` what the grader waits for the reply beyond a time limit among the arguments.
    `encode` turns the method's result into JSON, in the kernel.
    `decode` turns that into the result again, in the grader; it raises TypeError, ValueError or OverflowError for
    anything else, because the learner's code lives at the other end.
    """

    name: str
    seconds: float
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


ADDRESS = Operation("address", 6.0, _address, str)
MAKE = Operation("make", 6.0, _address, str)
CALL = Operation("call", 1.0, _plain, _called)
STOP_SERVING = Operation("stop_serving", 6.0, _nothing, _nothing)
RUNNING = Operation("running", 1.0, int, int)
LOGS = Operation("logs", 1.0, lambda lines: lines[-_LOG_LINES:], _strings)
CLOSE = Operation("close", 1.0, _nothing, _nothing)

OPERATIONS = {operation.name: operation for operation in (ADDRESS, MAKE, CALL, STOP_SERVING, RUNNING, LOGS, CLOSE)}


def request(operation: Operation, target: str, *arguments: Any, **options: Any) -> dict[str, Any]:
    """Return the request for an operation on the answer called `target`; arguments are JSON-ready."""
    return {"operation": operation.name, "target": target, "arguments": list(arguments), "options": options}


async def perform(operation: Operation, backend: Backend, arguments: list[Any], options: dict[str, Any]) -> Any:
    """In the kernel: call the method of `backend`, and return the reply."""
    try:
        return {"value": operation.encode(await getattr(backend, operation.name)(*arguments, **options))}
    except AnswerUnusable as unusable:
        fields = {key: str(value) for key, value in unusable.fields.items()}
        return {"unusable": unusable.diagnosis, "fields": fields}
    except CourseError as error:
        return {"error": str(error)}


def result(operation: Operation, reply: dict[str, Any]) -> Any:
    """In the grader: return what the method returned. Raises AnswerUnusable, and CourseError for anything unreadable.

    The learner's process wrote the reply, so it may be anything.
    """
    try:
        if "unusable" in reply:
            raise AnswerUnusable(
                str(reply["unusable"]), **{str(key): str(value) for key, value in reply["fields"].items()}
            )
        if "error" in reply:
            raise CourseError(str(reply["error"])[:_ERROR_CHARACTERS])
        return operation.decode(reply["value"])
    except (ValueError, OverflowError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(UNREADABLE) from error
