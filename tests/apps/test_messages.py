"""The messages app over the wire: steps, errors, and what ends the connection."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator

import httpx
import pytest

from course_app import Server, connect, serve
from course_app.apps.messages import app

WAIT = 20.0  # seconds: an upper bound for a busy machine, never a measure


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    running = await serve(app, name="test messages")
    yield running
    await running.stop()


async def test_steps_add_up_for_each_connection_alone(server: Server) -> None:
    steps = [(random.randint(-9, 9), random.randint(-9, 9)) for _ in range(20)]
    async with connect(server, "/ws", timeout=WAIT) as a, connect(server, "/ws", timeout=WAIT) as b:
        x = y = 0
        for dx, dy in steps:
            await a.send_json({"dx": dx, "dy": dy})
            x, y = x + dx, y + dy
            assert await a.recv_json() == {"x": x, "y": y}
        await b.send_json({"dx": 1, "dy": 2})
        assert await b.recv_json() == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ('{"dx": 10, "dy": 0}', [["dx"]]),
        ('{"dx": 0, "dy": -10}', [["dy"]]),
        ('{"dx": 0.5, "dy": 0}', [["dx"]]),
        ('{"dx": "far", "dy": null}', [["dx"], ["dy"]]),
        ("{}", [["dx"], ["dy"]]),
        ("[1, 2]", [[]]),
        ("hop", [[]]),
        ("", [[]]),
        ('{"dx": NaN, "dy": 1e400}', [["dx"], ["dy"]]),
        ("[" * 100_000, [[]]),
    ],
    ids=range(10),
)
async def test_a_bad_message_is_answered_and_the_walk_goes_on(
    server: Server, message: str, fields: list[list[str]]
) -> None:
    async with connect(server, "/ws", timeout=WAIT) as ws:
        await ws.send(message)
        reply = json.loads(await ws.recv(), parse_constant=pytest.fail)
        assert [error["loc"] for error in reply["errors"]] == fields
        assert all(error["msg"] for error in reply["errors"])
        await ws.send_json({"dx": 1, "dy": 1})
        assert await ws.recv_json() == {"x": 1, "y": 1}


async def test_an_error_does_not_repeat_what_was_sent(server: Server) -> None:
    secret = f"secret-{random.getrandbits(64)}"
    async with connect(server, "/ws", timeout=WAIT) as ws:
        await ws.send_json({"dx": secret, "dy": {"password": secret}})
        assert secret not in str(await ws.recv())


@pytest.mark.parametrize("data", [b"", b"\xff", b'{"dx": 1, "dy": 1}'])
async def test_binary_is_refused_with_1003(server: Server, data: bytes) -> None:
    async with connect(server, "/ws", timeout=WAIT) as ws:
        await ws.send(data)
        assert await ws.wait_closed() == (1003, "JSON text only")


async def test_nothing_is_logged_when_clients_leave(server: Server) -> None:
    async with connect(server, "/ws", timeout=WAIT):
        pass
    ws = await connect(server, "/ws", timeout=WAIT)
    await ws.abort()
    await server.stop()
    assert not [line for line in server.logs.lines() if "Traceback" in line or line.startswith("ERROR")]


async def test_the_page_names_no_host(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=WAIT) as client:
        page = await client.get("/")
        script = await client.get("/static/socket.js")
    assert page.status_code == script.status_code == 200
    assert "static/socket.js" in page.text
    assert "ws://" not in page.text
