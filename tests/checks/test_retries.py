"""Repeated attempts: until a right answer has noticed something, and while this machine is busy."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import pytest

from course_app.checks.failures import CheckFailed
from course_app.checks.retries import MachineBusy, any_failure, diagnosed, doubling, eventually, while_busy
from tests.support.checks import failure_of


def outcomes(*steps: Exception | str) -> tuple[Callable[[], Awaitable[str]], list[int]]:
    """Return a function that raises or returns each step in turn, and the list that counts its calls."""
    calls: list[int] = []

    async def attempt() -> str:
        step = steps[len(calls)]
        calls.append(len(calls))
        if isinstance(step, Exception):
            raise step
        return step

    return attempt, calls


async def test_attempts_go_on_until_one_succeeds() -> None:
    attempt, calls = outcomes(CheckFailed("ghost"), CheckFailed("ghost"), "right", "never reached")
    assert await eventually(attempt, [0, 0, 0, 0]) == "right"
    assert len(calls) == 3


async def test_the_last_failure_is_raised() -> None:
    attempt, calls = outcomes(CheckFailed("first"), CheckFailed("second"))
    assert (await failure_of(eventually(attempt, [0, 0]))).diagnosis == "second"
    assert len(calls) == 2


async def test_another_failure_than_the_one_to_retry_is_raised_at_once() -> None:
    attempt, calls = outcomes(CheckFailed("ghost"), CheckFailed("closed"), "never reached")
    assert (await failure_of(eventually(attempt, [0, 0, 0], diagnosed("ghost", "lost")))).diagnosis == "closed"
    assert len(calls) == 2


async def test_an_error_that_is_no_verdict_is_not_retried() -> None:
    attempt, calls = outcomes(KeyError("bug"), "never reached")
    with pytest.raises(KeyError):
        await eventually(attempt, [0, 0])
    assert len(calls) == 1


async def test_no_pause_at_all_is_a_mistake() -> None:
    attempt, _ = outcomes("right")
    with pytest.raises(ValueError, match="pause"):
        await eventually(attempt, [])


def test_what_is_retried() -> None:
    assert any_failure(CheckFailed("anything"))
    assert diagnosed("a", "b")(CheckFailed("b")) and not diagnosed("a", "b")(CheckFailed("c"))


def test_pauses_double_until_the_time_is_over() -> None:
    pauses = doubling(0.05, first=0.01)
    began = time.monotonic()
    taken = []
    for pause in pauses:
        taken.append(pause)
        time.sleep(pause)
    assert taken == [0.01 * 2**number for number in range(len(taken))]
    assert len(taken) > 1
    assert time.monotonic() - began >= 0.05
    assert list(doubling(0.0)) == [0.02]


async def test_a_busy_machine_is_given_another_attempt() -> None:
    play, calls = outcomes(MachineBusy(), MachineBusy(), "right")
    assert await while_busy(play, 3) == "right"
    assert len(calls) == 3


async def test_a_machine_that_stays_busy_proves_nothing() -> None:
    play, calls = outcomes(MachineBusy(), MachineBusy(), "never reached")
    with pytest.raises(MachineBusy):
        await while_busy(play, 2)
    assert len(calls) == 2


async def test_the_failure_behind_the_last_busy_attempt_is_the_verdict() -> None:
    async def play() -> None:
        raise MachineBusy from CheckFailed("ticket-refused")

    assert (await failure_of(while_busy(play, 2))).diagnosis == "ticket-refused"


@pytest.mark.parametrize(
    ("steps", "diagnosis", "attempts"),
    [
        ([CheckFailed("wrong"), "never reached"], "wrong", 1),
        ([CheckFailed("not-reset"), CheckFailed("not-reset"), "never reached"], "not-reset", 2),
        ([CheckFailed("not-reset"), CheckFailed("wrong"), "never reached"], "wrong", 2),
        ([CheckFailed("not-reset"), "right"], "", 2),
    ],
)
async def test_a_doubtful_failure_counts_at_the_second_attempt(
    steps: list[Exception | str], diagnosis: str, attempts: int
) -> None:
    play, calls = outcomes(*steps)
    if diagnosis:
        assert (await failure_of(while_busy(play, 3, doubtful=["not-reset"]))).diagnosis == diagnosis
    else:
        assert await while_busy(play, 3, doubtful=["not-reset"]) == "right"
    assert len(calls) == attempts
