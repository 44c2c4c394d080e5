"""The operations between grader and kernel: each is a method of every backend, and only what fits is a result."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from course_app.checks.backend import AnswerUnusable, Backend, Called
from course_app.checks.local_backend import LocalBackend
from course_app.errors import CourseError
from course_app.grading.remote_backend import RemoteBackend
from course_app.kernels import rpc_operations
from course_app.kernels.rpc_operations import ADDRESS, CALL, LOGS, OPERATIONS, RUNNING, Operation


def methods(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.iscoroutinefunction) if not name.startswith("_")}


def test_every_operation_is_a_method_of_every_backend_and_only_hosting_stays_with_the_grader() -> None:
    assert set(OPERATIONS) == methods(Backend) - {"host"}
    assert methods(Backend) <= methods(LocalBackend) & methods(RemoteBackend)


class Raises:
    """A backend whose method raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def address(self) -> str:
        raise self.error


async def test_a_call_and_its_result_travel_as_json() -> None:
    async def double(number: int) -> int:
        return 2 * number

    asked = json.loads(json.dumps(rpc_operations.request(CALL, "double", 21, timeout=1.0)))
    backend = LocalBackend(asked["target"], {"double": double})
    operation = OPERATIONS[asked["operation"]]
    reply = await rpc_operations.perform(operation, backend, asked["arguments"], asked["options"])
    result = rpc_operations.result(CALL, json.loads(json.dumps(reply)))
    assert isinstance(result, Called) and result.value == 42


async def test_a_returned_value_that_json_cannot_carry_becomes_its_repr() -> None:
    async def one() -> int:
        return 1

    async def values(kind: str) -> Any:
        circle: list[Any] = []
        circle.append(circle)
        return {"coroutine": coroutine, "list": [coroutine], "keys": {(1, 2): 3}, "circle": circle}[kind]

    coroutine = one()
    backend = LocalBackend("values", {"values": values})
    wanted = {"coroutine": repr(coroutine), "list": [repr(coroutine)], "keys": "{(1, 2): 3}", "circle": "[[...]]"}
    for kind, value in wanted.items():
        reply = await rpc_operations.perform(CALL, backend, [kind], {"timeout": 1.0})
        assert rpc_operations.result(CALL, json.loads(json.dumps(reply))).value == value
    await coroutine


async def test_what_a_backend_raises_is_raised_again() -> None:
    unusable: Any = Raises(AnswerUnusable("not-an-app", kind=int))
    reply = await rpc_operations.perform(ADDRESS, unusable, [], {})
    with pytest.raises(AnswerUnusable) as raised:
        rpc_operations.result(ADDRESS, json.loads(json.dumps(reply)))
    assert (raised.value.diagnosis, raised.value.fields) == ("not-an-app", {"kind": "<class 'int'>"})
    failing: Any = Raises(CourseError("no port"))
    reply = await rpc_operations.perform(ADDRESS, failing, [], {})
    with pytest.raises(CourseError, match="^no port$"):
        rpc_operations.result(ADDRESS, reply)


@pytest.mark.parametrize(
    ("operation", "reply"),
    [
        (RUNNING, {"value": "many"}),
        (RUNNING, {"value": None}),
        (RUNNING, {"value": float("inf")}),
        (LOGS, {"value": 5}),
        (CALL, {"value": [1]}),
        (CALL, {"value": {"value": 1, "passed": True}}),
        (ADDRESS, {}),
        (ADDRESS, {"passed": True}),
        (ADDRESS, {"unusable": "x"}),
        (ADDRESS, {"unusable": "x", "fields": [1]}),
        (ADDRESS, {"unusable": "x", "fields": {"diagnosis": "y"}}),
    ],
)
def test_a_reply_of_another_shape_is_unreadable(operation: Operation, reply: dict[str, Any]) -> None:
    with pytest.raises(CourseError, match="nobody can read"):
        rpc_operations.result(operation, reply)


def test_an_error_of_any_length_is_cut() -> None:
    with pytest.raises(CourseError) as raised:
        rpc_operations.result(ADDRESS, {"error": "x" * 10_000})
    assert len(str(raised.value)) == 1000
