"""What ends with a broker, however busy the machine; and where a broker's warnings go."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import pytest
from fastapi import FastAPI

from course_app import serve
from course_app.apps.broker.tasks import cancel_and_wait, race
from course_app.serving import logs


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


async def test_a_warning_of_a_broker_goes_to_the_servers_log(capfd: pytest.CaptureFixture[str]) -> None:
    server = await serve(FastAPI(), name="warned")
    logging.getLogger("course.broker").warning("Broker redis://h is not reachable")
    assert "WARNING: Broker redis://h is not reachable" in server.logs.lines()
    assert logs._handler in logging.getLogger("course").handlers
    await server.stop()
    assert "not reachable" not in capfd.readouterr().err
