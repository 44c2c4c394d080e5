"""The kernel that is launched ahead: handed out once, replaced when it has died, and never left behind."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from course_app.kernels import prelaunch
from course_app.kernels.kernel import Kernel
from course_app.kernels.launch import KernelFailed, launch
from course_app.kernels.prelaunch import Prelaunch

LIMIT = 20.0


def factory(monkeypatch: pytest.MonkeyPatch) -> tuple[Prelaunch, list[Any]]:
    """Return a Prelaunch and the list of what it launches."""
    launched: list[Any] = []

    def noted(**options: Any) -> Any:
        launched.append(launch(**options))
        return launched[-1]

    monkeypatch.setattr(prelaunch, "launch", noted)
    return Prelaunch(), launched


def play(scene: Any) -> Any:
    return asyncio.run(scene)


async def use(kernel: Kernel) -> Path:
    async with kernel:
        assert (await kernel.execute("1", timeout=LIMIT)).status == "ok"
    return kernel.folder


def test_the_kernel_that_waits_is_handed_out_on_another_loop_and_nothing_is_left(monkeypatch):
    ahead, launched = factory(monkeypatch)
    ahead.always = True

    async def one() -> Path:
        return await use(await ahead())

    folders = [play(one()), play(one())]
    deadline = time.monotonic() + LIMIT
    while len(launched) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [one.folder for one in launched[:2]] == folders and len(launched) == 3
    waiting = launched[2].process.pid
    ahead.close()
    assert not psutil.pid_exists(waiting)
    assert not [one.folder for one in launched if one.folder.exists()]


def test_unless_always_nothing_is_started_ahead(monkeypatch):
    ahead, launched = factory(monkeypatch)

    async def scene() -> None:
        await use(await ahead())

    play(scene())
    ahead.close()
    assert len(launched) == 1


def test_a_waiting_kernel_that_has_died_is_replaced(monkeypatch):
    ahead, launched = factory(monkeypatch)

    async def scene() -> None:
        ahead.refill()
        while not launched:
            await asyncio.sleep(0.01)
        psutil.Process(launched[0].process.pid).kill()
        await use(await ahead())

    play(scene())
    ahead.close()
    assert len(launched) == 2


def test_a_kernel_that_cannot_be_had_is_said_once_nothing_waits(monkeypatch):
    def refused(**_: Any) -> Any:
        raise KernelFailed("the kernel did not start: no room")

    monkeypatch.setattr(prelaunch, "launch", refused)
    ahead = Prelaunch()
    ahead.refill()
    with pytest.raises(KernelFailed, match="no room"):
        play(ahead())
    ahead.close()


def test_who_stops_waiting_leaves_the_kernel_for_the_next(monkeypatch):
    ahead, launched = factory(monkeypatch)

    async def scene() -> None:
        for _ in range(2):
            ahead._threads.submit(time.sleep, 0.3)  # so that the launch still stands in the queue
        impatient = asyncio.create_task(ahead())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
        await use(await ahead())

    play(scene())
    ahead.close()
    assert len(launched) == 1
