"""The clock that jumps over waits tells the same to everybody who asks it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable
from typing import Any

import anyio.to_thread
import pytest

from tests.support import virtual_time


def test_waits_take_no_time_and_have_the_right_order() -> None:
    async def scene() -> tuple[list[str], float]:
        began, order = time.monotonic(), list[str]()

        async def later(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            order.append(name)

        await asyncio.gather(later("an hour", 3600), later("a minute", 60), later("a second", 1))
        return order, time.monotonic() - began

    began = time.monotonic()
    order, passed = virtual_time.run(scene())
    assert order == ["a second", "a minute", "an hour"]
    assert passed == pytest.approx(3600, abs=0.1)
    assert time.monotonic() - began < 60


def test_a_time_limit_is_exact() -> None:
    async def scene(limit: float) -> str:
        try:
            async with asyncio.timeout(limit):
                await asyncio.sleep(1.0)
        except TimeoutError:
            return "too late"
        return "in time"

    assert virtual_time.run(scene(0.9)) == "too late"
    assert virtual_time.run(scene(1.1)) == "in time"


def test_a_blocking_sleep_passes_the_time_of_everybody() -> None:
    async def scene() -> float:
        began = asyncio.get_running_loop().time()
        time.sleep(100)  # noqa: ASYNC251  (it is what is tested)
        return asyncio.get_running_loop().time() - began

    assert virtual_time.run(scene()) == pytest.approx(100, abs=0.1)


def test_a_loop_that_only_looks_at_the_clock_ends() -> None:
    async def scene() -> None:
        end = time.monotonic() + 0.1
        while time.monotonic() < end:
            await asyncio.sleep(0)

    virtual_time.run(scene())


@pytest.mark.parametrize("way", ["asyncio", "anyio"])
def test_a_thread_that_works_holds_the_clock(way: str) -> None:
    async def scene() -> bool:
        go_on = threading.Event()
        threading.Timer(0.2, go_on.set).start()
        async with asyncio.timeout(0.1):  # in virtual time, of which none passes
            return await (asyncio.to_thread(go_on.wait, 20) if way == "asyncio" else run_sync(go_on.wait, 20))

    def run_sync(*args: Any) -> Awaitable[bool]:
        return anyio.to_thread.run_sync(*args)  # looked up when it is called, as Starlette does

    assert virtual_time.run(scene())


def test_the_real_clock_is_back_afterwards() -> None:
    before = time.monotonic
    virtual_time.run(asyncio.sleep(1))
    assert time.monotonic is before


def test_what_can_never_happen_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "STUCK", 0.1)

    async def scene() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="does a coroutine wait for ever"):
        virtual_time.run(scene())
