"""The small chat service over the wire: what it welcomes, says, announces and refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from course_app import Server, connect, serve
from course_app.apps import capstone
from course_app.client.client import Client
from tests.support.live import WAIT, fresh


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    running = await serve(fresh("capstone").app, name="test capstone")
    yield running
    await running.stop()
    assert capstone.manager.rooms == {}


async def send_command(client: Client, **fields: Any) -> None:
    await client.send(json.dumps(fields))


async def joined(server: Server, name: str) -> Client:
    client = await connect(server, "/ws", name=name, timeout=WAIT)
    await send_command(client, type="join", name=name)
    assert (await client.recv_json())["type"] == "welcome"
    return client


async def test_a_newcomer_is_welcomed_and_announced_to_the_others(server: Server) -> None:
    ada = await joined(server, "Ada")
    bob = await connect(server, "/ws", timeout=WAIT)
    await send_command(bob, type="join", name="Bob", room="ignored", last=7)
    assert await bob.recv_json() == {"type": "welcome", "name": "Bob", "present": ["Ada", "Bob"]}
    assert await ada.recv_json() == {"type": "joined", "name": "Bob"}


async def test_what_is_said_is_numbered_and_reaches_members_only(server: Server) -> None:
    stranger = await connect(server, "/ws", timeout=WAIT)
    ada, bob = await joined(server, "Ada"), await joined(server, "Bob")
    await ada.recv_json()
    for number in (1, 2):
        await send_command(ada, type="say", text=f"<b>{number}</b>")
        event = {"type": "said", "id": number, "name": "Ada", "text": f"<b>{number}</b>"}
        assert await ada.recv_json() == await bob.recv_json() == event
    await send_command(stranger, type="say", text="hi")
    assert await stranger.recv_json() == {"type": "error", "code": "not-joined"}


@pytest.mark.parametrize("how", ["close", "abort", "binary"])
async def test_a_departure_is_told_once_however_it_happens(server: Server, how: str) -> None:
    ada, eve = await joined(server, "Ada"), await joined(server, "Eve")
    await ada.recv_json()
    if how == "binary":
        await eve.send(b"\0")
        assert (await eve.wait_closed()).code == 1003
    else:
        await (eve.close() if how == "close" else eve.abort())
    assert await ada.recv_json() == {"type": "left", "name": "Eve"}
    await send_command(ada, type="say", text="alone")
    assert (await ada.recv_json())["text"] == "alone"
    assert not server.logs.last_error()


@pytest.mark.parametrize(
    "text",
    ["hello?", "[]", "null", '{"type": "sing"}', '{"type": "say"}', '{"type": "say", "text": 7}']
    + [json.dumps({"type": "join", "name": name}) for name in ("", "x" * 21, None)],
)
async def test_nonsense_is_answered_and_the_connection_stays(server: Server, text: str) -> None:
    client = await connect(server, "/ws", timeout=WAIT)
    await client.send(text)
    assert await client.recv_json() == {"type": "error", "code": "invalid"}
    await send_command(client, type="join", name="x" * 20)
    assert (await client.recv_json())["type"] == "welcome"
    await send_command(client, type="join", name="Ada")
    assert await client.recv_json() == {"type": "error", "code": "already-joined"}


async def test_its_page_is_served(server: Server) -> None:
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert 'type="module"' in (await browser.get(server.url)).text
