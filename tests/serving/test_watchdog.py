"""The watchdog tells what blocks the loop, and leaves no thread and no signal setting behind."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator

import pytest

from course_app.serving import blocking_call, watchdog

pytestmark = pytest.mark.asyncio


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str] | None]:
    """Make patience short, and return the list of what the watchdog found."""
    found: list[tuple[str, str] | None] = []
    monkeypatch.setattr(watchdog, "PATIENCE", 0.4)
    real = blocking_call.find_blocking_call

    def find(thread: int) -> tuple[str, str] | None:
        found.append(real(thread))
        return found[-1]

    monkeypatch.setattr(watchdog, "find_blocking_call", find)
    return found


async def test_it_names_the_call_and_its_fix_once(
    told: list[tuple[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    loop = asyncio.get_running_loop()
    watchdog.enter(loop)
    time.sleep(1.2)  # noqa: ASYNC251 - blocks the loop on purpose
    watchdog.leave(loop)
    (call, fix), *more = told
    assert not more
    assert call.startswith("`time.sleep(1.2)` at line ")
    assert call.endswith("of test_watchdog.py, in test_it_names_the_call_and_its_fix_once()")
    assert fix == "write `await asyncio.sleep(1.2)`"
    output = capsys.readouterr()
    assert output.err == "" and output.out.startswith(
        "course: the event loop has been blocked for over a second by `time"
    )
    assert output.out.count("\n") == 1


async def test_a_loop_that_works_is_left_in_peace(told: list[tuple[str, str]]) -> None:
    loop = asyncio.get_running_loop()
    watchdog.enter(loop)
    for _ in range(10):
        await asyncio.sleep(0.1)
    watchdog.leave(loop)
    assert told == []


async def test_a_busy_loop_in_python_is_shown_by_its_line(told: list[tuple[str, str]]) -> None:
    loop = asyncio.get_running_loop()
    watchdog.enter(loop)
    end = time.monotonic() + 1.0
    number = 0
    while number >= 0:
        number += 1
        if number % 1000 == 0 and time.monotonic() > end:
            break
    watchdog.leave(loop)
    assert len(told) == 1 and "at line" in told[0][0]


async def test_one_thread_for_all_servers_of_a_loop_and_none_after_the_last() -> None:
    loop, before = asyncio.get_running_loop(), threading.active_count()
    for _ in range(3):
        watchdog.enter(loop)
    assert threading.active_count() == before + 1
    for _ in range(2):
        watchdog.leave(loop)
    assert threading.active_count() == before + 1
    watchdog.leave(loop)
    watchdog.leave(loop)  # once too often does no harm
    assert threading.active_count() == before


async def test_a_wake_up_descriptor_of_somebody_else_still_gets_its_signals() -> None:
    theirs, ours = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    former = signal.set_wakeup_fd(ours.fileno())
    handler = signal.signal(signal.SIGINT, lambda *_: None)
    loop = asyncio.get_running_loop()
    try:
        watchdog.enter(loop)
        signal.raise_signal(signal.SIGINT)
        assert await asyncio.wait_for(loop.sock_recv(theirs, 1), 5) == bytes([signal.SIGINT])
        watchdog.leave(loop)
        assert signal.set_wakeup_fd(former) == ours.fileno()
    finally:
        signal.set_wakeup_fd(former)
        signal.signal(signal.SIGINT, handler)
        theirs.close()
        ours.close()


@pytest.fixture(params=["signal", "exception"])
async def dog(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[watchdog.Watchdog]:
    """The watchdog of this loop, with each of its ways to break in; nobody else acts on an interrupt."""
    if request.param == "exception":  # the way of Windows
        monkeypatch.setattr(watchdog, "NUDGE", None)
    loop = asyncio.get_running_loop()
    handler = signal.signal(signal.SIGINT, lambda *_: None)
    watchdog.enter(loop)
    yield watchdog._watchdogs[loop]
    watchdog.leave(loop)
    signal.signal(signal.SIGINT, handler)


async def test_an_interrupt_breaks_into_code_that_blocks(dog: watchdog.Watchdog) -> None:
    timer = threading.Timer(0.2, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
    await asyncio.sleep(0.15)
    timer.start()
    with pytest.raises(watchdog.Interrupted):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pass
    assert time.monotonic() < end - 10
    await asyncio.sleep(0.3)  # the loop works on
    timer.join()


async def test_an_interrupt_leaves_a_loop_alone_that_is_only_late(
    dog: watchdog.Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a starved machine the heartbeat is late although nothing blocks: the loop waits, in nobody's code."""
    monkeypatch.setattr(dog, "interrupted", True)
    timer = threading.Timer(0.03, dog._break_in)
    timer.start()
    await asyncio.sleep(0.06)  # less than a heartbeat, which would forget the interrupt
    await asyncio.to_thread(timer.join)
    await asyncio.sleep(0.3)
    assert dog.beats > 1
