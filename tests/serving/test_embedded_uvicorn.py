"""uvicorn as a task: it stops quickly, leaves signals alone, and reports a failed startup."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator

import psutil
import pytest
from fastapi import FastAPI

from course_app.client.client import connect
from course_app.errors import CourseError
from course_app.serving.server import Server, serve
from tests.support.apps import make_app

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("nothing_left")]


def listening() -> int:
    return sum(found.status == psutil.CONN_LISTEN for found in psutil.Process().net_connections("tcp"))


async def echoes(server: Server) -> bool:
    async with connect(server, "/echo") as ws:
        await ws.send("hi")
        return await ws.recv() == "Message text was: hi"


@pytest.mark.parametrize("path", ["/echo", "/silent", "/stubborn", "/flood", "/never-accepts"])
async def test_stop_is_quick_whatever_an_endpoint_does(path: str) -> None:
    server = await serve(make_app())
    async with contextlib.AsyncExitStack() as stack:
        with contextlib.suppress(CourseError):
            ws = await connect(server, path, timeout=0.3)
            stack.push_async_callback(ws.abort)
            ws.stop_reading()
        began = time.monotonic()
        await server.stop()
        assert time.monotonic() - began < 2.0  # 0.1 to 0.2 s when nothing else runs


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C as a terminal gives it: a shell script starts what runs in its background deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


async def test_signals_stay_as_they_are(interruptible: None) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), signal.set_wakeup_fd(-1)
    server = await serve(make_app())
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before[:2]
    await server.stop()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), signal.set_wakeup_fd(-1)) == before


async def test_a_startup_that_raises_or_hangs() -> None:
    @contextlib.asynccontextmanager
    async def broken(app: FastAPI) -> AsyncIterator[None]:
        raise ValueError("no database at home")
        yield

    @contextlib.asynccontextmanager
    async def hanging(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    threads = threading.active_count()
    with pytest.raises(
        CourseError, match=r"startup \(lifespan\) failed: ValueError: no database at home; fix it"
    ) as error:
        await serve(FastAPI(lifespan=broken))
    assert "\n" not in str(error.value)
    with pytest.raises(CourseError, match=r"did not end within 0\.2 s"):
        await serve(FastAPI(lifespan=hanging), start_timeout=0.2)
    assert threading.active_count() == threads
    assert await echoes(await serve(make_app()))


async def test_a_cancelled_start_leaves_nothing() -> None:
    @contextlib.asynccontextmanager
    async def hanging(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    before = listening()
    task = asyncio.create_task(serve(FastAPI(lifespan=hanging)))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert listening() == before
