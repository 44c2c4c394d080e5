"""Exercise `dependencies`, task 4: each wrong body of a refusal has its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from course_app.checks import CheckFailed, Received
from course_app.checks.exercises.dependencies.refusals import judge_body
from tests.support.checks import context_of


@pytest.mark.parametrize(
    ("body", "diagnosis"),
    [
        ({"wrong": ["room", "seat"]}, ""),
        (b"", "no-json"),
        (b"room, seat", "no-json"),
        ({"wrong": [["path", "room"], ["query", "seat"]]}, "whole-loc"),
        ({"detail": []}, "detail"),
        ({"wrong": ["room"]}, "first-only"),
        ({"wrong": ["seat", "room"]}, "wrong-body"),
        (["room", "seat"], "wrong-body"),
        ({"wrong": "room"}, "wrong-body"),
    ],
)
async def test_a_body_is_judged(body: Any, diagnosis: str) -> None:
    got = Received(status=422, body=body if isinstance(body, bytes) else json.dumps(body).encode())
    async with context_of(None) as context:
        if not diagnosis:
            judge_body(context, "A", got, ["room", "seat"])
            return
        with pytest.raises(CheckFailed) as caught:
            judge_body(context, "A", got, ["room", "seat"])
    assert caught.value.diagnosis == diagnosis


async def test_one_name_that_is_no_list_is_named() -> None:
    async with context_of(None) as context:
        with pytest.raises(CheckFailed, match="not-a-list"):
            judge_body(context, "A", Received(status=422, body=b'{"wrong": "room"}'), ["room"])
