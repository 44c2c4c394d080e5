"""`start_eagerly` runs a coroutine as far as it gets; the rest runs in a task as if nothing had happened."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvloop

from course_app.apps.eager import start_eagerly

pytestmark = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


def run(loop: Callable[[], Any], test: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=loop, debug=True) as runner:
        runner.run(asyncio.wait_for(test(), 60))


def test_what_never_waits_is_done_at_once(loop: Any) -> None:
    done: list[int] = []

    async def work() -> None:
        done.append(1)

    async def test() -> None:
        assert start_eagerly(work()) is None
        assert done == [1]

    run(loop, test)


def test_what_waits_goes_on_in_a_task(loop: Any) -> None:
    async def test() -> None:
        event, steps = asyncio.Event(), []

        async def work() -> None:
            steps.append("before")
            await event.wait()
            steps.append("between")
            await asyncio.sleep(0)
            await asyncio.sleep(0.01)
            steps.append("after")

        rest = start_eagerly(work())
        assert rest and steps == ["before"]
        task = asyncio.create_task(rest)
        await asyncio.sleep(0.01)
        assert steps == ["before"]
        event.set()
        await task
        assert steps == ["before", "between", "after"]

    run(loop, test)


def test_a_future_that_is_done_before_the_task_begins(loop: Any) -> None:
    async def test() -> None:
        future = asyncio.get_running_loop().create_future()
        got: list[str] = []

        async def work() -> None:
            got.append(await future)

        rest = start_eagerly(work())
        assert rest
        future.set_result("early")
        await asyncio.create_task(rest)
        assert got == ["early"]

    run(loop, test)


def test_errors_come_out_where_they_happen(loop: Any) -> None:
    async def test() -> None:
        event = asyncio.Event()

        async def work(wait: bool) -> None:
            if wait:
                await event.wait()
            raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            start_eagerly(work(wait=False))
        rest = start_eagerly(work(wait=True))
        assert rest
        event.set()
        with pytest.raises(OSError, match="gone"):
            await asyncio.create_task(rest)
        future = asyncio.get_running_loop().create_future()

        async def waits_for_an_error() -> None:
            await future

        rest = start_eagerly(waits_for_an_error())
        assert rest
        future.set_exception(ValueError("from the future"))
        with pytest.raises(ValueError, match="from the future"):
            await asyncio.create_task(rest)

    run(loop, test)


@pytest.mark.parametrize("begun", [True, False], ids=["while it waits", "before it begins"])
def test_a_cancelled_task_cleans_up_the_work(loop: Any, begun: bool) -> None:
    cleaned: list[bool] = []

    async def test() -> None:
        event = asyncio.Event()

        async def work() -> None:
            try:
                await event.wait()
            finally:
                cleaned.append(True)

        task = asyncio.create_task(start_eagerly(work()))  # type: ignore[arg-type]
        if begun:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(loop, test)
    gc.collect()
    assert cleaned == [True]


def test_work_may_survive_a_cancellation(loop: Any) -> None:
    async def test() -> None:
        event = asyncio.Event()

        async def work() -> None:
            try:
                await event.wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0.01)

        rest = start_eagerly(work())
        assert rest
        task = asyncio.create_task(rest)
        await asyncio.sleep(0)
        task.cancel()
        await task
        assert not task.cancelled()

    run(loop, test)


def test_async_generators_and_locks_inside(loop: Any) -> None:
    async def test() -> None:
        lock, log = asyncio.Lock(), []

        async def numbers() -> AsyncIterator[int]:
            for number in range(3):
                await asyncio.sleep(0)
                yield number

        async def work(name: str) -> None:
            async with lock:
                async for number in numbers():
                    log.append(f"{name}{number}")

        rests = [start_eagerly(work(name)) for name in "abc"]
        await asyncio.gather(*(asyncio.create_task(rest) for rest in rests if rest))
        assert log == [f"{name}{number}" for name in "abc" for number in range(3)]

    run(loop, test)


def test_a_thousand_at_random(loop: Any) -> None:
    async def test() -> None:
        dice, done = random.Random(7), []

        async def work(number: int, waits: int) -> None:
            for _ in range(waits):
                await asyncio.sleep(dice.choice([0, 0, 0.001]))
            done.append(number)

        tasks = [
            asyncio.create_task(rest)
            for number in range(1000)
            if (rest := start_eagerly(work(number, dice.randrange(4)))) is not None
        ]
        await asyncio.gather(*tasks)
        assert sorted(done) == list(range(1000))

    run(loop, test)
