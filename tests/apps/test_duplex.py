"""The duplex app over the wire: it tells who is here by itself, listens at the same time, and forgets who leaves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import httpx
import pytest

from course_app import Server, connect, serve
from course_app.apps import duplex
from course_app.client.client import Client

WAIT = 20.0  # seconds: an upper bound for a busy machine, never a measure


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    running = await serve(duplex.app, name="test duplex")
    yield running
    await running.stop()
    assert duplex.present == {}


async def join(server: Server) -> Client:
    return await connect(server, "/ws", timeout=WAIT, max_queue=None)


async def sees(client: Client, expected: list[str]) -> None:
    """Read lists until one is `expected`, in order of arrival."""
    async with asyncio.timeout(WAIT):
        while await client.recv_json() != expected:
            pass


async def test_everybody_sees_everybody_and_what_they_say(server: Server) -> None:
    async with await join(server) as a, await join(server) as b:
        word = f"{random.getrandbits(64)}"[:12]
        await b.send(word)
        await sees(a, ["just came", word])
        await a.send("é" * 100)
        await sees(b, ["é" * 20, word])


@pytest.mark.parametrize("way", ["close", "abort", "binary"])
async def test_the_list_is_right_however_they_leave(server: Server, way: str) -> None:
    async with await join(server) as a:
        leaving = [await join(server) for _ in range(5)]
        await sees(a, ["just came"] * 6)
        if way == "binary":
            for client in leaving:
                await client.send(b"\x00")
                assert await client.wait_closed() == (1003, "text only")
        else:
            await asyncio.gather(*(getattr(client, way)() for client in leaving))
        await sees(a, ["just came"])


async def test_stopping_ends_every_endpoint_and_task_and_logs_no_traceback(server: Server) -> None:
    clients = [await join(server) for _ in range(3)]
    await clients[0].abort()
    await sees(clients[1], ["just came"] * 2)
    await server.stop()
    assert [(await client.wait_closed()).code for client in clients[1:]] == [1012] * 2
    assert "send_list" not in {getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()}
    assert not [line for line in server.logs.lines() if "Traceback" in line or line.startswith("ERROR")]


async def test_pings_end_a_client_that_does_not_read_although_a_send_to_it_waits() -> None:
    running = await serve(duplex.app, name="test duplex", ws_ping_interval=0.1, ws_ping_timeout=0.2)
    running.limit_send_buffer(4096)
    stuck = await connect(running, "/ws", timeout=WAIT)
    stuck.stop_reading()
    async with asyncio.timeout(WAIT):
        while duplex.present:
            await asyncio.sleep(0.01)
    await stuck.abort()
    await running.stop()


async def test_the_page_names_no_host(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=WAIT) as client:
        page = await client.get("/")
    assert page.status_code == 200
    assert "static/socket.js" in page.text
    assert "ws://" not in page.text
