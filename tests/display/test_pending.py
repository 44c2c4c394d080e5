"""A call without `await` says so, and is a coroutine for everything that takes one."""

from __future__ import annotations

import asyncio
import gc
import warnings

from course_app.display.pending import says_await


@says_await
async def double(number: int) -> int:
    """Return twice the number."""
    await asyncio.sleep(0)
    if number < 0:
        raise ValueError("negative")
    return 2 * number


def test_a_call_says_what_to_write_and_leaves_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert repr(double(2)) == "double(…) has not run yet: write `await double(…)`"
        gc.collect()


async def test_it_is_awaited_like_any_coroutine() -> None:
    assert await double(2) == 4
    assert await asyncio.create_task(double(3)) == 6
    assert [*await asyncio.gather(double(4), double(5))] == [8, 10]
    assert await asyncio.wait_for(double(6), 1) == 12
    outcomes = await asyncio.gather(double(-1), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError]
    assert double.__doc__ == "Return twice the number."


async def test_it_can_be_cancelled() -> None:
    @says_await
    async def forever() -> None:
        await asyncio.Event().wait()

    task = asyncio.ensure_future(forever())
    await asyncio.sleep(0)
    task.cancel()
    assert [type(one) for one in await asyncio.gather(task, return_exceptions=True)] == [asyncio.CancelledError]
