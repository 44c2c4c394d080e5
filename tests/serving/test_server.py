"""serve(app): on the loop that runs, replaceable, quick to stop, and clear about what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psutil
import pytest
from fastapi import FastAPI, WebSocket

from course_app.client.client import connect
from course_app.errors import CourseError
from course_app.serving.server import Server, _servers, serve, stop_all
from tests.support.apps import make_app

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("nothing_left")]


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
    assert second.port
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


async def test_root_path_knows_the_port() -> None:
    server = await serve(make_app(), root_path="/proxy/{port}")
    async with connect(server, "/scope") as ws:
        assert (await ws.recv_json())["root_path"] == f"/proxy/{server.port}"


@pytest.mark.parametrize(("option", "message"), [("reload", "lives inside this kernel"), ("prot", "no option 'prot'")])
async def test_options_that_cannot_be(option: str, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        options: dict[str, Any] = {option: True}
        await serve(make_app(), **options)


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


async def test_a_server_under_a_name_and_one_on_the_port_are_both_replaced() -> None:
    one, two = await serve(make_app(), name="one"), await serve(make_app(), name="two")
    assert two.port
    third = await serve(make_app(), name="one", port=two.port)
    assert (one.running, two.running, third.running, third.port) == (False, False, True, two.port)
    await stop_all()
    assert not third.running


async def test_two_calls_at_once_leave_one_server() -> None:
    servers = await asyncio.gather(*(serve(make_app(), name="both") for _ in range(3)))
    assert [server.running for server in servers].count(True) == 1
    await stop_all()
    assert not any(server.running for server in servers)


async def test_a_stopped_server_is_forgotten() -> None:
    server = await serve(make_app(), name="forgotten")
    await server.stop()
    assert "forgotten" not in _servers


async def test_a_failed_startup_keeps_the_port_that_open_tabs_know() -> None:
    port = (await serve(make_app(), name="tabs")).port
    with pytest.raises(CourseError, match="startup"):
        await serve(FastAPI(lifespan=failing), name="tabs")
    again = await serve(make_app(), name="tabs")
    assert again.port == port and await echoes(again)
    with pytest.raises(CourseError, match="startup"):
        await serve(FastAPI(lifespan=failing), name="tabs")
    await stop_all()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@contextlib.asynccontextmanager
async def failing(app: FastAPI) -> AsyncIterator[None]:
    raise RuntimeError("no database")
    yield


async def test_a_limited_send_buffer_ends_with_its_server() -> None:
    first = await serve(make_app(), name="limited")
    free = first._listener.sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    first.limit_send_buffer(4096)
    second = await serve(make_app(), name="limited")
    assert second.port == first.port
    assert second._listener.sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == free


@pytest.mark.parametrize("option", ["timeout_graceful_shutdown", "limit_max_requests", "backlog", "workers"])
async def test_an_option_that_would_have_no_effect_is_refused(option: str) -> None:
    with pytest.raises(CourseError, match=f"no option '{option}'"):
        options: dict[str, Any] = {option: 1}
        await serve(make_app(), **options)
