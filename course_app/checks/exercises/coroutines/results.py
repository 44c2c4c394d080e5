"""How what the learner's coroutine function returned or raised is judged."""

from __future__ import annotations

import inspect
from typing import Any

from ...backend import Called
from ...context import CheckContext
from ...failures import CheckFailed
from ...received import show

_AWAITABLE = ("<coroutine object", "<_GatheringFuture", "<Task ", "<Future ")


def is_awaitable(value: Any) -> bool:
    """Return whether a returned value is a coroutine, a task or a future, or the text that the grader gets for one."""
    if isinstance(value, str):
        return value.startswith(_AWAITABLE)
    return inspect.isawaitable(value)


def judge_call(context: CheckContext, called: Called) -> None:
    """Fail where the learner's function did not end, raised, or returned something that was not awaited."""
    if called.timed_out or called.error == "WaitTimeout":
        raise CheckFailed("never-done", waited=True, seconds=round(called.seconds, 1))
    if "asyncio.run()" in called.detail or "event loop is running" in called.detail:
        context.fail("asyncio-run", error=f"{called.error}: {called.detail}")
    if "coroutine" in called.detail:
        context.fail("coroutine-inside", error=f"{called.error}: {called.detail}")
    if called.error:
        context.fail("raised", error=f"{called.error}: {called.detail}")
    if is_awaitable(called.value):
        context.fail("not-awaited")
    if isinstance(called.value, list | tuple) and any(map(is_awaitable, called.value)):
        context.fail("list-not-awaited")


def judge_replies(context: CheckContext, value: Any, wanted: list[str]) -> None:
    """Fail unless `value` is a list of the `wanted` replies, in their order."""
    if value is None:
        context.fail("no-value")
    if not isinstance(value, list | tuple):
        context.fail("no-list", got=show(value))
    got = list(value)
    if got == wanted:
        return
    if sorted(map(str, got)) == sorted(wanted):
        context.fail("wrong-order", got=got, expected=wanted)
    context.fail("other-replies", got=got, expected=wanted)
