"""Tasks that are cancelled have ended when the call returns, however busy the machine."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from course_app.apps.broker.tasks import cancel_and_wait, race


async def stubborn(ended: list[str], name: str) -> None:
    """End only some time after the cancellation, as a client does that says goodbye to its engine."""
    try:
        await asyncio.Event().wait()
    finally:
        for _ in range(4):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)
        ended.append(name)


async def test_a_race_that_is_cancelled_again_and_again_still_sees_its_runners_end() -> None:
    ended: list[str] = []
    racing = asyncio.create_task(race(stubborn(ended, "a"), stubborn(ended, "b")))
    await asyncio.sleep(0.01)
    async with asyncio.timeout(20):
        await cancel_and_wait([racing])
    assert sorted(ended) == ["a", "b"] and racing.cancelled()


async def test_a_race_raises_what_the_first_one_raised_and_cancels_the_others() -> None:
    ended: list[str] = []

    async def fail() -> None:
        raise LookupError("first")

    with pytest.raises(LookupError, match="first"):
        await race(fail(), stubborn(ended, "other"))
    assert ended == ["other"]


async def test_cancelling_nothing_returns_at_once() -> None:
    await cancel_and_wait([])
