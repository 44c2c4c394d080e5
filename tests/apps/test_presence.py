"""The presence app over the wire: who is present, however they leave, and who is disconnected."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from course_app import Server, connect, serve
from course_app.apps import presence
from course_app.client.client import Client

WAIT = 20.0  # seconds: an upper bound for a busy machine, never a measure
FAST = 0.02  # seconds between ticks


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(presence, "SEND_INTERVAL", FAST)
    running = await serve(presence.app, name="test presence")
    yield running
    await running.stop()
    assert presence.present == {}


async def join(server: Server) -> Client:
    return await connect(server, "/ws", timeout=WAIT, max_queue=None)


async def sees(client: Client, expected: list[str]) -> None:
    """Read ticks until one shows `expected`, in order of arrival."""
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


async def test_a_silent_client_is_disconnected_and_a_talking_one_stays(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "IDLE_TIMEOUT", 0.3)
    silent = await join(server)
    monkeypatch.setattr(presence, "IDLE_TIMEOUT", WAIT)
    talking = await join(server)
    await talking.send("one")
    assert await silent.wait_closed() == (4408, "idle")
    await sees(talking, ["one"])
    await talking.close()


async def test_stopping_ends_every_endpoint_with_1012(server: Server) -> None:
    clients = [await join(server) for _ in range(3)]
    await sees(clients[0], ["just came"] * 3)
    await server.stop()
    assert [(await client.wait_closed()).code for client in clients] == [1012] * 3


async def test_no_task_is_left_behind_and_nothing_is_logged(server: Server) -> None:
    async with await join(server) as a:
        for way in ("close", "abort"):
            client = await join(server)
            await sees(a, ["just came"] * 2)
            await getattr(client, way)()
            await sees(a, ["just came"])
    await server.stop()
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    assert not {"send_presence", "receive_names"} & set(names)
    assert not [line for line in server.logs.lines() if "Traceback" in line or line.startswith("ERROR")]


async def test_the_page_names_no_host(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=WAIT) as client:
        page = await client.get("/")
    assert page.status_code == 200
    assert "static/socket.js" in page.text
    assert "ws://" not in page.text


async def test_a_client_that_does_not_read_is_disconnected_without_a_close_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its close frame waits behind what it has not taken, and the endpoint does not wait with it."""
    crowd: dict[Any, str] = {object(): "x" * 20 for _ in range(2000)}
    monkeypatch.setattr(presence, "present", crowd)
    monkeypatch.setattr(presence, "SEND_INTERVAL", 0)
    monkeypatch.setattr(presence, "IDLE_TIMEOUT", 0.5)
    running = await serve(presence.app, name="test presence", ws_ping_interval=None)
    running.limit_send_buffer(4096)
    silent = await connect(running, "/ws", max_size=None, timeout=WAIT)
    silent.stop_reading()
    async with asyncio.timeout(WAIT):
        while len(crowd) == 2000:
            await asyncio.sleep(0.01)
        while len(crowd) > 2000:
            await asyncio.sleep(0.01)
    await silent.abort()
    await running.stop()
