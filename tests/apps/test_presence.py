"""The presence app over the wire: the count is right, however the others leave."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import httpx
import pytest

from course_app import Server, connect, serve
from course_app.apps import presence
from course_app.client.client import Client

WAIT = 20.0  # seconds: an upper bound for a busy machine, never a measure


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    running = await serve(presence.app, name="test presence")
    yield running
    await running.stop()
    assert presence.present == set()


async def join(server: Server) -> Client:
    return await connect(server, "/ws", timeout=WAIT)


async def count(client: Client) -> str:
    """Send a text, expect its echo, and return the line that follows it."""
    word = f"é {random.getrandbits(64)}"
    await client.send(word)
    assert await client.recv() == f"Message text was: {word}"
    return str(await client.recv())


async def sees(client: Client, number: int) -> None:
    """Ask until the count is `number`."""
    async with asyncio.timeout(WAIT):
        while await count(client) != f"{number} here":
            await asyncio.sleep(0.01)


async def test_everybody_is_counted_from_the_handshake_on(server: Server) -> None:
    async with await join(server) as a, await join(server) as b:
        assert await count(a) == "2 here"
        assert await count(b) == "2 here"


@pytest.mark.parametrize("way", ["close", "abort", "binary"])
async def test_the_count_is_right_however_they_leave(server: Server, way: str) -> None:
    async with await join(server) as a:
        leaving = [await join(server) for _ in range(5)]
        assert await count(a) == "6 here"
        if way == "binary":
            for client in leaving:
                await client.send(b"\x00")
                assert await client.wait_closed() == (1003, "text only")
        else:
            await asyncio.gather(*(getattr(client, way)() for client in leaving))
        await sees(a, 1)


async def test_stopping_ends_every_endpoint_with_1012_and_logs_no_traceback(server: Server) -> None:
    clients = [await join(server) for _ in range(3)]
    await clients[0].abort()
    await sees(clients[1], 2)
    await server.stop()
    assert [(await client.wait_closed()).code for client in clients[1:]] == [1012] * 2
    assert not [line for line in server.logs.lines() if "Traceback" in line or line.startswith("ERROR")]


async def test_the_page_is_served(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=WAIT) as client:
        page = await client.get("/")
    assert page.status_code == 200
    assert "static/socket.js" in page.text
