"""How what a function did is judged."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from course_app.checks import Called, CheckFailed
from course_app.checks.exercises.coroutines.results import is_awaitable, judge_call, judge_replies
from tests.support.checks import context_of


@pytest.mark.parametrize(
    ("called", "diagnosis"),
    [
        (Called(value="a"), ""),
        (Called(value=None), ""),
        (Called(value=["a"]), ""),
        (Called(timed_out=True), "never-done"),
        (Called(error="WaitTimeout"), "never-done"),
        (Called(error="RuntimeError", detail="asyncio.run() cannot be called from a running loop"), "asyncio-run"),
        (Called(error="RuntimeError", detail="This event loop is running"), "asyncio-run"),
        (Called(error="TypeError", detail="can only concatenate str, not 'coroutine'"), "coroutine-inside"),
        (Called(error="KeyError", detail="x"), "raised"),
        (Called(value="<coroutine object ask at 0x7f>"), "not-awaited"),
        (Called(value=["<Task pending name='Task-5'>"]), "list-not-awaited"),
    ],
)
async def test_each_wrong_end_of_a_function_has_its_name(called: Called, diagnosis: str) -> None:
    async with context_of(None) as context:
        if not diagnosis:
            judge_call(context, called)
            return
        with pytest.raises(CheckFailed) as caught:
            judge_call(context, called)
    assert caught.value.diagnosis == diagnosis


@pytest.mark.parametrize(
    ("value", "diagnosis"),
    [
        (["a", "b"], ""),
        (("a", "b"), ""),
        (None, "no-value"),
        ("ab", "no-list"),
        ({"a": "b"}, "no-list"),
        (["b", "a"], "wrong-order"),
        (["a"], "other-replies"),
        ([["a", "b"]], "other-replies"),
    ],
)
async def test_replies_are_a_list_in_the_order_of_the_texts(value: Any, diagnosis: str) -> None:
    async with context_of(None) as context:
        if not diagnosis:
            judge_replies(context, value, ["a", "b"])
            return
        with pytest.raises(CheckFailed) as caught:
            judge_replies(context, value, ["a", "b"])
    assert caught.value.diagnosis == diagnosis


async def test_what_nobody_awaited_is_told_from_a_result() -> None:
    coroutine = asyncio.sleep(0)
    task = asyncio.create_task(asyncio.sleep(0))
    assert is_awaitable(coroutine)
    assert is_awaitable(task)
    assert is_awaitable(repr(coroutine))
    assert is_awaitable(repr(task))
    assert not is_awaitable("a coroutine object")
    assert not is_awaitable(None)
    await coroutine
    await task
