"""The guarded echo on the wire, run by a real uvicorn."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from course_app import Refused, Server, connect, serve
from course_app.apps import guarded_echo


@pytest.fixture
async def server():
    server = await serve(guarded_echo.app, name="guarded echo under test")
    yield server
    await server.stop()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"query": {"token": "key-ada"}}, "Ada"),
        ({"cookies": {"session": "key-bob"}}, "Bob"),
        ({"query": {"token": "key-ada"}, "cookies": {"session": "key-bob"}}, "Bob"),
        ({"query": {"token": "key-ada"}, "headers": {"Cookie": "session="}}, "Ada"),
    ],
    ids=["token", "cookie", "the cookie wins", "empty cookie"],
)
async def test_a_known_guest_comes_in_and_each_text_comes_back(
    server: Server, options: dict[str, Any], name: str
) -> None:
    async with connect(server, "/rooms/7/ws", **options) as ws:
        for text in ("hi", "", "ünïcode ☂"):
            await ws.send(text)
            assert await ws.recv() == f"Message text was: {text}, from {name} in room 7"


@pytest.mark.parametrize(
    "options",
    [{}, {"query": {"token": ""}}, {"query": {"token": "key-eve"}}, {"cookies": {"session": "Ada"}}],
    ids=["nothing", "empty token", "unknown token", "unknown cookie"],
)
async def test_the_others_are_refused_with_401(server: Server, options: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        await connect(server, "/rooms/7/ws", **options)
    assert (refused.value.status, refused.value.body) == (401, b'{"detail":"unknown key"}')


async def test_a_room_is_a_whole_number(server: Server) -> None:
    with pytest.raises(Refused) as refused:
        await connect(server, "/rooms/attic/ws", query={"token": "key-ada"})
    assert (refused.value.status, refused.value.body) == (403, b"")


async def test_two_clients_keep_their_own_room_and_name(server: Server) -> None:
    async with (
        connect(server, "/rooms/1/ws", query={"token": "key-ada"}) as a,
        connect(server, "/rooms/2/ws", query={"token": "key-bob"}) as b,
    ):
        await a.send("one")
        await b.send("two")
        assert await b.recv() == "Message text was: two, from Bob in room 2"
        assert await a.recv() == "Message text was: one, from Ada in room 1"


async def test_a_binary_frame_is_refused_with_1003(server: Server) -> None:
    async with connect(server, "/rooms/7/ws", query={"token": "key-ada"}) as ws:
        await ws.send(b"\x00")
        assert await ws.wait_closed() == (1003, "text only")


@pytest.mark.parametrize("leave", ["close", "abort"])
async def test_a_client_that_leaves_puts_nothing_in_the_log(server: Server, leave: str) -> None:
    ws = await connect(server, "/rooms/7/ws", query={"token": "key-ada"})
    await getattr(ws, leave)()
    async with connect(server, "/rooms/7/ws", query={"token": "key-ada"}) as other:
        await other.send("fence")
        await other.recv()
    assert not [line for line in server.logs.lines() if "Traceback" in line]


async def test_the_page_and_what_it_needs_are_served(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        page = await client.get("/")
        assert page.headers["content-type"].startswith("text/html")
        for label in ("Room", "Token"):
            assert f"<label>{label} " in page.text
        for name in ("common.css", "socket.js"):
            assert f"static/{name}" in page.text
            assert (await client.get(f"/static/{name}")).status_code == 200
