"""Repeated attempts: where an answer needs a moment to notice something, and where this machine was too busy to tell.

Neither helps a wrong answer: it gives the same reply at every attempt.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from typing import TypeVar

from .failures import CheckFailed

T = TypeVar("T")

NOTICED = 0.02  # seconds in which a right answer has noticed who left, on an idle machine
PAUSES = (0.02, 0.1, 0.5)  # seconds before each attempt; on a busy machine an answer may need the last


class MachineBusy(Exception):
    """This machine was too slow for the times of an attempt to prove anything about the answer."""


def doubling(seconds: float, first: float = NOTICED) -> Iterator[float]:
    """Yield pauses in seconds, each twice the one before, until `seconds` have passed since the first was asked for."""
    deadline = time.monotonic() + seconds
    pause = first
    yield pause
    while time.monotonic() < deadline:
        pause *= 2
        yield pause


def any_failure(_failed: CheckFailed) -> bool:
    """Attempt again whatever went wrong."""
    return True


def diagnosed(*diagnoses: str) -> Callable[[CheckFailed], bool]:
    """Return a function that says whether a failure has one of these diagnoses."""
    return lambda failed: failed.diagnosis in diagnoses


async def eventually(
    attempt: Callable[[], Awaitable[T]],
    pauses: Iterable[float],
    retry: Callable[[CheckFailed], bool] = any_failure,
) -> T:
    """Await `attempt()` after each pause until it succeeds, and return what it returns.

    Use it after something that the server notices on its own, such as a client that left.
    Raises the CheckFailed of the last attempt, or the first one for which `retry` returns false.
    """
    last: CheckFailed | None = None
    for pause in pauses:
        await asyncio.sleep(pause)
        try:
            return await attempt()
        except CheckFailed as failed:
            if not retry(failed):
                raise
            last = failed
    if last is None:
        raise ValueError("eventually() needs at least one pause")
    raise last


async def while_busy(play: Callable[[], Awaitable[T]], attempts: int, doubtful: Collection[str] = ()) -> T:
    """Await `play()` again while it raises MachineBusy, `attempts` times at most, and return what it returns.

    A first attempt that fails with one of the `doubtful` diagnoses is repeated too: a busy machine may be the cause.
    Raises any other CheckFailed at once, and at the last attempt the MachineBusy, or the CheckFailed that it was raised
    from.
    """
    for number in range(1, attempts + 1):
        try:
            return await play()
        except MachineBusy as busy:
            if number == attempts:
                if isinstance(busy.__cause__, CheckFailed):
                    raise busy.__cause__ from None
                raise
        except CheckFailed as failed:
            if number > 1 or number == attempts or failed.diagnosis not in doubtful:
                raise
    raise ValueError("while_busy() needs at least one attempt")
