"""What an operator sees of the echo, in process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from course_app import Refused, Server, connect, serve
from course_app.apps import monitored_echo


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(monitored_echo.settings, "client_limit", 2)
    server = await serve(monitored_echo.app, name="monitored")
    yield server
    await server.stop()


async def until(server: Server, ready: int, connections: int) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http, asyncio.timeout(20):
        while True:
            answers = [await http.get(path) for path in ("/healthz", "/readyz", "/metrics")]
            assert answers[0].status_code == 200
            if answers[1].status_code == ready and f"echo_connections {connections}.0" in answers[2].text:
                return
            await asyncio.sleep(0.02)


async def test_a_full_server_refuses_the_next_client_and_is_ready_again_when_one_leaves(server: Server) -> None:
    await until(server, 200, 0)
    async with connect(server, "/ws", timeout=20) as a:
        await a.send("hi")
        assert await a.recv() == "Message text was: hi"
        b = await connect(server, "/ws", timeout=20)
        await until(server, 503, 2)
        with pytest.raises(Refused) as refused:
            await connect(server, "/ws", timeout=20)
        assert (refused.value.status, refused.value.headers["retry-after"]) == (503, "5")
        await b.abort()
        await until(server, 200, 1)
    await until(server, 200, 0)
