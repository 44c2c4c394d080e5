"""What passes between a check and an answer: the outcome of a call, and the reason why an answer is unusable."""

from __future__ import annotations

import dataclasses
import inspect
import json
from typing import Any

import pytest

from course_app.checks import AnswerUnusable, Backend, Called
from course_app.checks.local_backend import LocalBackend
from course_app.grading.remote_backend import RemoteBackend


def test_a_call_passes_through_json() -> None:
    called = Called(value=[1, "a"], error="Closed", detail="why", timed_out=True, seconds=0.5)
    assert Called(**json.loads(json.dumps(dataclasses.asdict(called)))) == called


def test_an_unusable_answer_names_why() -> None:
    unusable = AnswerUnusable("not-an-app", kind="int")
    assert (unusable.diagnosis, unusable.fields, str(unusable)) == ("not-an-app", {"kind": "int"}, "not-an-app")


@pytest.mark.parametrize("kind", [LocalBackend, RemoteBackend])
def test_both_backends_have_every_operation_with_the_same_parameters(kind: Any) -> None:
    operations = {name: one for name, one in vars(Backend).items() if inspect.iscoroutinefunction(one)}
    assert {"address", "make", "call", "stop_serving", "running", "logs", "host", "close"} <= operations.keys()
    for name, operation in operations.items():
        own = getattr(kind, name)
        assert inspect.iscoroutinefunction(own), name
        assert list(inspect.signature(own).parameters) == list(inspect.signature(operation).parameters), name
