"""The finished items socket on the wire, run by a real uvicorn."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from course_app import Refused, Server, connect, serve
from course_app.apps import items


@pytest.fixture
async def server():
    server = await serve(items.app, name="items under test")
    yield server
    await server.stop()


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({"query": {"token": "abc"}}, ["Session cookie or query token value is: abc"]),
        ({"cookies": {"session": "xyz"}}, ["Session cookie or query token value is: xyz"]),
        (
            {"query": {"token": "abc", "q": "7"}, "cookies": {"session": "xyz"}},
            ["Session cookie or query token value is: xyz", "Query parameter q is: 7"],
        ),
        (
            {"query": {"token": "abc", "q": "0"}, "headers": {"Cookie": "session="}},
            ["Session cookie or query token value is: abc", "Query parameter q is: 0"],
        ),
    ],
    ids=["token", "cookie", "cookie wins", "empty cookie, q is zero"],
)
async def test_each_text_is_answered_line_by_line(server: Server, options: dict[str, Any], lines: list[str]) -> None:
    async with connect(server, "/items/kettle/ws", **options) as ws:
        for text in ("hi", "", "ünïcode ☂"):
            await ws.send(text)
            wanted = [*lines, f"Message text was: {text}, for item ID: kettle"]
            assert [await ws.recv() for _ in wanted] == wanted


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"query": {"token": ""}},
        {"headers": {"Cookie": "session="}},
        {"headers": {"Cookie": "session="}, "query": {"token": ""}},
        {"query": {"token": "abc", "q": "many"}},
    ],
    ids=["nothing", "empty token", "empty cookie", "both empty", "q is no number"],
)
async def test_the_others_are_refused_before_they_are_in(server: Server, options: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        await connect(server, "/items/kettle/ws", **options)
    assert (refused.value.status, refused.value.body) == (403, b"")


async def test_two_clients_keep_their_own_item_and_credential(server: Server) -> None:
    async with (
        connect(server, "/items/kettle/ws", query={"token": "ada"}) as a,
        connect(server, "/items/te%20a/ws", query={"token": "bob"}) as b,
    ):
        await a.send("one")
        await b.send("two")
        assert (await b.recv(), await b.recv()) == (
            "Session cookie or query token value is: bob",
            "Message text was: two, for item ID: te a",
        )
        assert (await a.recv(), await a.recv()) == (
            "Session cookie or query token value is: ada",
            "Message text was: one, for item ID: kettle",
        )


@pytest.mark.parametrize("leave", ["close", "abort"])
async def test_a_client_that_leaves_puts_nothing_in_the_log(server: Server, leave: str) -> None:
    ws = await connect(server, "/items/kettle/ws", query={"token": "abc"})
    await getattr(ws, leave)()
    async with connect(server, "/items/kettle/ws", query={"token": "abc"}) as other:
        await other.send("fence")
        await other.recv()
    assert not [line for line in server.logs.lines() if "Traceback" in line]


async def test_the_page_and_what_it_needs_are_served(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        page = await client.get("/")
        assert page.headers["content-type"].startswith("text/html")
        for label in ("Item ID", "Token"):
            assert f"<label>{label} " in page.text
        for name in ("common.css", "socket.js"):
            assert f"static/{name}" in page.text
            assert (await client.get(f"/static/{name}")).status_code == 200
