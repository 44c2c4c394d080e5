"""serve(app): on the loop that runs, replaceable, quick to stop, and clear about what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, WebSocket

from course_app.client.client import Closed, connect
from course_app.errors import CourseError
from course_app.serving import logs
from course_app.serving.server import Server, serve, stop_all
from tests.support.apps import make_app

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    before = len(asyncio.all_tasks())
    yield
    await stop_all()
    for _ in range(50):
        if len(asyncio.all_tasks()) <= before:
            break
        await asyncio.sleep(0.02)
    assert len(asyncio.all_tasks()) <= before, asyncio.all_tasks()


def listening() -> int:
    return sum(found.status == psutil.CONN_LISTEN for found in psutil.Process().net_connections("tcp"))


async def echoes(server: Server) -> bool:
    async with connect(server, "/echo") as ws:
        await ws.send("hi")
        return await ws.recv() == "Message text was: hi"


async def test_http_and_websocket() -> None:
    app = make_app()
    server = await serve(app)
    assert server.running and server.app is app and server.url == f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.get(server.url + "/")
    assert response.json() == {"hello": "world"}
    assert await echoes(server)
    assert repr(server) == "<server 'main': running>"
    await server.stop()
    await server.stop()
    assert not server.running and repr(server) == "<server 'main': stopped>"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), 1)


async def test_the_same_name_replaces_on_the_same_port() -> None:
    first = await serve(make_app())
    ws = await connect(first, "/echo")
    second = await serve(make_app())
    assert second.port == first.port and second.running and not first.running
    assert (await ws.wait_closed()).code == 1012
    assert await echoes(second)
    other = await serve(make_app(), name="other")
    assert other.port != second.port and second.running
    third = await serve(make_app(), name="third", port=second.port)  # its port, another name
    assert third.port == second.port and not second.running and other.running


async def test_200_reruns_leave_one_socket_and_no_tasks_or_threads() -> None:
    app = make_app()
    server = await serve(app)
    before = listening(), len(asyncio.all_tasks()), threading.active_count(), psutil.Process().num_fds()
    for _ in range(200):
        server = await serve(app)
    assert (listening(), len(asyncio.all_tasks()), threading.active_count(), psutil.Process().num_fds()) == before
    assert await echoes(server)


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


async def test_the_servers_pages_go_on_while_a_request_waits_in_the_backlog() -> None:
    server = await serve(make_app())
    assert server.port
    ends: list[bool] = []

    async def reload() -> None:
        async with connect(f"ws://127.0.0.1:{server.port}", "/echo", timeout=10):
            ends.append(True)

    task = asyncio.create_task(serve(make_app()))
    await asyncio.gather(task, *(reload() for _ in range(5)), return_exceptions=True)
    assert ends.count(True) >= 1


async def test_a_small_send_buffer_lets_a_stalled_client_be_felt_at_once() -> None:
    app = FastAPI()
    sent = asyncio.Event()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()
        for _ in range(2):  # the first is taken whatever its size, and the second waits for it; Linux alone takes both
            await websocket.send_text("x" * 800_000)
        sent.set()

    server = await serve(app, name="buffers")
    server.limit_send_buffer(65_536)
    client = await connect(server, "/ws", max_size=None)
    client.stop_reading()
    await client.send("go")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await sent.wait()
    client.resume_reading()
    for _ in range(2):
        assert len(await client.recv()) == 800_000
    await client.close()


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


def forgetful() -> FastAPI:
    """An app whose endpoint starts a task that fails, and never looks at it again."""
    app = FastAPI()

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        async def fails() -> None:
            raise ZeroDivisionError("nobody looks")

        await websocket.accept()
        knot: list[Any] = [asyncio.create_task(fails())]
        knot.append(knot)  # only the garbage collector can undo it
        await asyncio.sleep(0)
        await websocket.close()

    return app


async def test_what_a_task_of_an_earlier_server_raised_is_not_put_down_to_the_next_one() -> None:
    gc.collect()
    gc.disable()
    try:
        for name, collect in (("first", True), ("second", False)):
            server = await serve(forgetful(), name=name)
            async with connect(server, "/ws") as client:
                await client.wait_closed()
            if collect:
                gc.collect()
                assert server.logs.last_error() == "ZeroDivisionError: nobody looks", "its own tasks are its own"
            await server.stop()
        third = await serve(make_app(), name="third")
        contextvars.copy_context().run(lambda: (logs.current.set(third.logs), gc.collect()))
        assert third.logs.last_error() is None
    finally:
        gc.enable()


async def test_an_endpoint_runs_in_the_servers_context_not_in_that_of_the_caller() -> None:
    seen: list[Any] = []
    app = FastAPI()

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        seen.append(logs.current.get())
        await websocket.accept()
        await websocket.close()

    other, server = await serve(make_app(), name="other"), await serve(app)
    async with connect(server, "/ws"):
        pass
    assert seen == [server.logs]
    assert any("/ws" in line for line in server.logs.lines())
    assert not any("/ws" in line for line in other.logs.lines())


async def test_tracebacks_go_to_the_log_not_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    server = await serve(make_app())
    for path in ("/rude", "/raises"):
        async with connect(server, path):
            pass
    ws = await connect(server, "/rude")
    await ws.abort()
    task = asyncio.create_task(asyncio.sleep(0, "never retrieved"))
    await task
    asyncio.get_running_loop().call_exception_handler({"message": "asyncio has something to say"})
    await server.stop()
    text = "\n".join(server.logs.lines())
    assert "WebSocketDisconnect" in text and "ValueError: a mistake of mine" in text
    assert "asyncio has something to say" in text
    assert capfd.readouterr().err == ""
    server.logs.clear()
    assert server.logs.lines() == []


async def test_unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # socket paths are short
    server = await serve(make_app(), uds="one.sock")
    assert server.uds == "one.sock" and server.port is None
    assert await echoes(server)
    async with connect("unix:one.sock", "/echo"):
        pass
    with pytest.raises(CourseError, match="has no URL"):
        _ = server.url
    server = await serve(make_app(), uds="one.sock")
    assert await echoes(server)
    await server.stop()
    assert "one.sock" not in os.listdir()
    monkeypatch.setenv("COURSE_SOCKET_DIR", ".")
    server = await serve(make_app())
    assert server.uds == "main.sock" and await echoes(server)
    with pytest.raises(CourseError, match="another server listens there"):
        await serve(make_app(), name="second", uds="./main.sock")
    await server.stop()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind("main.sock")
    assert await echoes(await serve(make_app()))  # the file of a dead server is replaced
    (tmp_path / "file.sock").write_text("mine")
    with pytest.raises(CourseError, match="there is a file that is no socket"):
        await serve(make_app(), name="file")
    assert (tmp_path / "file.sock").read_text() == "mine"


async def test_root_path_knows_the_port() -> None:
    server = await serve(make_app(), root_path="/proxy/{port}")
    async with connect(server, "/scope") as ws:
        assert (await ws.recv_json())["root_path"] == f"/proxy/{server.port}"


async def test_connections() -> None:
    server = await serve(make_app())
    assert repr(server.connections()) == "nobody is connected"
    async with connect(server, "/echo") as a, connect(server, "/silent", name="<b>Zoë"):
        assert repr(server.connections()).splitlines() == [
            "peer    path     state",
            "A       /echo    open",
            "<b>Zoë  /silent  open",
        ]
        assert "&lt;b&gt;Zoë" in server.connections()._repr_html_()
        await a.close()
        for _ in range(100):
            if len(server.connections()) == 1:
                break
            await asyncio.sleep(0.02)
        assert [row.path for row in server.connections()] == ["/silent"]


class Plain:
    """Neither an app nor callable."""


async def endpoint(websocket: WebSocket) -> None: ...


async def protocol_only(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1000})


def sync_app(scope: Any, receive: Any, send: Any) -> None: ...


def make() -> FastAPI:
    return FastAPI()


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ("main:app", "the text 'main:app': pass the app itself"),
        (None, "NoneType None"),
        (FastAPI, r"the class FastAPI: call it, FastAPI\(\)"),
        (Plain(), "Plain <"),
        (APIRouter(), r"an APIRouter: make an app and call `app.include_router\(router\)`"),
        (endpoint, r"the function endpoint\(websocket\): if it is an endpoint"),
        (make, r"the function make\(\), which takes nothing: if it makes an app, call it: serve\(make\(\)\)"),
        (sync_app, "sync_app, which is not `async`"),
        (types.ModuleType("chat"), "the module chat: pass the app in it, chat.app"),
    ],
)
async def test_what_is_no_asgi_app(app: Any, message: str) -> None:
    running = await serve(make_app())
    with pytest.raises(
        CourseError, match=f"serve.. needs an ASGI app such as `app = FastAPI..`, not {message}"
    ) as error:
        await serve(app)
    assert "\n" not in str(error.value)
    assert running.running  # a mistake does not take away what runs


async def test_a_plain_asgi_function_without_lifespan_is_an_app() -> None:
    server = await serve(protocol_only)
    ws = await connect(server, "/")
    with pytest.raises(Closed):
        await ws.recv()


async def test_a_busy_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CourseError, match=f"port {port} is busy.*; use port=0 for any free port"):
            await serve(make_app(), port=port)
    with pytest.raises(CourseError, match="port 99999 cannot be used"):
        await serve(make_app(), port=99999)


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
        CourseError, match=r"startup \(lifespan\) failed: ValueError: no database at home; mend it"
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


@pytest.mark.parametrize(("option", "message"), [("reload", "lives inside this kernel"), ("prot", "no option 'prot'")])
async def test_options_that_cannot_be(option: str, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        await serve(make_app(), **{option: True})


async def test_a_server_whose_loop_is_gone_is_replaced() -> None:
    await asyncio.to_thread(_in_two_loops)


def _in_two_loops() -> None:
    first = asyncio.run(_serve_and_leave())

    async def again() -> None:
        second = await serve(make_app())
        assert second.port == first.port and await echoes(second)
        await stop_all()

    threads = threading.active_count()
    asyncio.run(again())
    assert threading.active_count() <= threads


async def _serve_and_leave() -> Server:
    return await serve(make_app())


async def test_import_brings_in_no_test_tools() -> None:
    code = (
        "import sys, asyncio, course_app; from course_app import serve, connect, stop_all, Transcript\n"
        "from fastapi import FastAPI\n"
        "async def main():\n    await serve(FastAPI()); await stop_all()\n"
        "asyncio.run(main())\n"
        "print(sorted({'pytest', 'nbval', 'nbformat', 'nest_asyncio', 'IPython'} & set(sys.modules)))"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


async def test_each_public_name_exists() -> None:
    import course_app

    for name in course_app.__all__:
        assert getattr(course_app, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = course_app.nothing
