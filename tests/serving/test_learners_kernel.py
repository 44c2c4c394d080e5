"""What a learner does, in real kernels, on each Python that the course supports."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.kernels import VERSIONS, Kernel, environment, interpreters, kernel

pytestmark = pytest.mark.integration

APP = """
import asyncio, sys, time
sys.path.insert(0, ".")
from tests.support.apps import make_app
from course_app import Closed, connect, run, serve, stop_all
from fastapi import FastAPI, WebSocket
kept = 42
app = make_app()

@app.websocket("/prints")
async def prints(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        print("endpoint got", text)
        await websocket.send_text(text)

@app.websocket("/spin")
async def spin(websocket: WebSocket):
    await websocket.accept()
    while True:
        pass

@app.websocket("/sleep")
async def sleep(websocket: WebSocket):
    await websocket.accept()
    time.sleep(100)

server = await serve(app)
"""
ECHO = "async with connect(server, '/echo', timeout=20) as ws:\n    await ws.send('hi')\n    print(await ws.recv())"


@pytest.fixture(scope="module", params=VERSIONS)
def shared(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    if request.param not in interpreters():
        pytest.skip(f"there is no Python {request.param} on this machine: name one in COURSE_TEST_PYTHONS")
    from tests.support.paths import ROOT

    with kernel(environment(request.param)) as started:
        version = started.run(f"import os, sys; os.chdir({str(ROOT)!r}); print('%d.%d' % sys.version_info[:2])")
        assert version.stdout.strip() == request.param
        yield started


@pytest.fixture
def desk(shared: Kernel) -> Iterator[Kernel]:
    started = shared.run(APP)
    assert (started.stdout, started.stderr, started.error) == ("", "", None)
    yield shared
    ended = shared.run("await stop_all()")
    assert (ended.stderr, ended.error) == ("", None)


def works(desk: Kernel) -> bool:
    result = desk.run(ECHO)
    return (result.stdout, result.stderr, result.error) == ("Message text was: hi\n", "", None)


def test_an_endpoint_prints_under_the_cell_that_runs_now(desk: Kernel) -> None:
    assert desk.run("ws = await connect(server, '/prints', timeout=20)").stdout == ""
    result = desk.run("await ws.send('one')\nprint('client got', await ws.recv())")
    assert result.stdout == "endpoint got one\nclient got one\n"
    assert desk.run("await ws.close()").stdout == ""


def test_nothing_reaches_stderr_and_a_mistake_is_one_line(desk: Kernel) -> None:
    result = desk.run(
        "for path in ('/rude', '/raises'):\n    async with connect(server, path, timeout=20):\n        pass"
    )
    assert (result.stdout, result.stderr, result.error) == ("", "", None)
    result = desk.run("await serve('main:app')")
    assert result.traceback == [
        "CourseError: serve() needs an ASGI app such as `app = FastAPI()`, "
        "not the text 'main:app': pass the app itself, without quotes"
    ]
    assert result.stderr == ""


def test_200_reruns_leave_nothing(desk: Kernel) -> None:
    count = "[len(os.listdir('/proc/self/fd')) if os.path.exists('/proc') else 0, len(asyncio.all_tasks())]"
    result = desk.run(
        f"import os, threading\nport = server.port\nbefore = {count} + [threading.active_count()]\n"
        f"for _ in range(200):\n    server = await serve(app)\n"
        f"now = {count} + [threading.active_count()]\n"
        "print(all(after <= first for first, after in zip(before, now)) or (before, now), server.port == port)"
    )
    assert (result.stdout, result.stderr, result.error) == ("True True\n", "", None)
    assert works(desk)


@pytest.mark.parametrize("path", ["/spin", "/sleep"])
def test_an_interrupt_reaches_an_endpoint_that_blocks_the_loop(desk: Kernel, path: str) -> None:
    message = desk.start(f"ws = await connect(server, {path!r}, timeout=60)\nawait ws.wait_closed()")
    time.sleep(1.8)
    began = time.monotonic()
    desk.interrupt()
    result = desk.finish(message, 60)
    assert time.monotonic() - began < 30  # 0.5 s when nothing else runs; the endpoint blocks for 100 s or for ever
    assert result.error is not None and result.stderr == ""
    line = f"of the cell that defines {path[1:]}(); the server cannot answer until it returns"
    assert result.stdout.startswith("course: the event loop has been blocked for over a second by `")
    assert line in result.stdout and result.stdout.count("\n") == 1
    assert desk.run("kept, server.running").value == "(42, True)"
    assert works(desk)


def test_a_cell_that_blocks_is_told_and_can_be_interrupted(desk: Kernel) -> None:
    result = desk.run("time.sleep(1.8)")
    assert result.stdout == (
        "course: the event loop has been blocked for over a second by `time.sleep(1.8)` at line 1 of this cell; "
        "the server cannot answer until it returns: write `await asyncio.sleep(1.8)`.\n"
    )
    assert desk.run("await asyncio.sleep(1.3)").stdout == ""
    message = desk.start("await asyncio.sleep(0)\ntime.sleep(100)")
    time.sleep(0.8)
    desk.interrupt()
    result = desk.finish(message, 60)
    assert result.traceback == ["Interrupted: you interrupted the kernel while this code blocked the event loop"]
    assert works(desk)


def test_an_interrupt_of_a_cell_that_waits_leaves_the_server_alive(desk: Kernel) -> None:
    message = desk.start("async with connect(server, '/silent', timeout=60) as ws:\n    await ws.recv()")
    time.sleep(0.8)
    desk.interrupt()
    assert desk.finish(message, 60).error is not None
    assert works(desk)


def test_serve_works_after_nest_asyncio_and_run_blocks_until_interrupted(desk: Kernel) -> None:
    assert works(desk)
    message = desk.start("run(make_app(), port=0)")
    time.sleep(1.5)
    desk.interrupt()
    result = desk.finish(message, 60)
    assert result.stdout.startswith("Serving on http://127.0.0.1:")
    assert (result.stderr, result.error) == ("", None)
    assert works(desk)  # nest_asyncio has patched the loop by now
    assert desk.run("server = await serve(app)").error is None
    assert works(desk)


def test_the_last_server_takes_its_thread_along(desk: Kernel) -> None:
    names = "print([thread.name for thread in threading.enumerate() if 'course' in thread.name])"
    assert desk.run(f"import threading\n{names}").stdout == "['course-watchdog']\n"
    assert desk.run(f"await stop_all()\n{names}").stdout == "[]\n"
