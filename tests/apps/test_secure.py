"""The finished secure server on the wire, run by a real uvicorn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from course_app import Refused, Server, connect, serve
from course_app.apps import secure
from course_app.client.client import Client


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    for memory in (secure.sessions, secure.tickets, secure.connection_counts):
        memory.clear()
    server = await serve(secure.app, name="secure under test")
    yield server
    await server.stop()


async def ticket_for(server: Server, name: str) -> str:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        await client.post(f"/login/{name}")
        return str((await client.post("/ticket")).json()["ticket"])


async def enter(server: Server, name: str, **options: Any) -> Client:
    ws = await connect(server, "/ws", **options)
    await ws.send(await ticket_for(server, name))
    return ws


async def says(ws: Client, text: str) -> str | bytes:
    await ws.send(text)
    return await ws.recv()


async def test_the_session_is_out_of_reach_of_scripts_and_of_other_sites(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        header = (await client.post("/login/ada")).headers["set-cookie"].lower()
    assert "httponly" in header and "samesite=strict" in header


@pytest.mark.parametrize("cookies", [{}, {"session": "made up"}], ids=["no session", "unknown session"])
async def test_only_a_session_gets_a_ticket(server: Server, cookies: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=server.url, cookies=cookies, trust_env=False) as client:
        assert (await client.post("/ticket")).status_code == 401
    assert secure.tickets == {}


async def test_a_ticket_lets_its_owner_in_once(server: Server) -> None:
    ada, bob = await ticket_for(server, "ada"), await ticket_for(server, "bob")
    for ticket, name in ((bob, "bob"), (ada, "ada")):
        ws = await connect(server, "/ws")
        await ws.send(ticket)
        assert await says(ws, "ünïcode ☂") == f"{name}: ünïcode ☂"
        await ws.close()
    again = await connect(server, "/ws")
    await again.send(ada)
    assert await again.wait_closed() == (4401, "a ticket, please")


@pytest.mark.parametrize("first", ["no ticket", "", b"\x00"])
async def test_any_other_first_message_is_turned_away(server: Server, first: str | bytes) -> None:
    ws = await connect(server, "/ws")
    await ws.send(first)
    assert (await ws.wait_closed()).code == 4401


async def test_a_client_that_leaves_without_a_word_puts_nothing_in_the_log(server: Server) -> None:
    ws = await connect(server, "/ws")
    await ws.close()
    await says(await enter(server, "ada"), "fence")
    assert not [line for line in server.logs.lines() if "Traceback" in line]


async def test_the_own_page_and_programs_come_in_and_other_pages_do_not(server: Server) -> None:
    for origin in (server.url, None):
        assert await says(await enter(server, "ada", origin=origin), "hi") == "ada: hi"
    for origin in ("https://evil.example", f"{server.url}.evil.example", "http://127.0.0.1", "null"):
        with pytest.raises(Refused) as refused:
            await connect(server, "/ws", origin=origin)
        assert refused.value.status == 403


async def test_the_third_connection_of_a_user_may_try_again_later(server: Server) -> None:
    first, second = await enter(server, "ada"), await enter(server, "ada")
    for ws in (first, second):
        assert await says(ws, "in") == "ada: in"
    assert (await (await enter(server, "ada")).wait_closed()).code == 1013
    assert await says(await enter(server, "bob"), "me too") == "bob: me too"
    await first.abort()
    for _ in range(200):  # until the server has heard of it
        if secure.connection_counts["ada"] < 2:
            break
        await says(second, "still here")
    assert await says(await enter(server, "ada"), "back") == "ada: back"


async def test_no_ticket_stands_in_the_log(server: Server) -> None:
    ticket = await ticket_for(server, "ada")
    ws = await connect(server, "/ws")
    await ws.send(ticket)
    await says(ws, "fence")
    assert server.logs.lines() and ticket not in str(server.logs)


async def test_the_page_and_what_it_needs_are_served(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        page = await client.get("/")
        assert page.headers["content-type"].startswith("text/html")
        assert "<label>Your name " in page.text and "textContent" in page.text
        for name in ("common.css", "socket.js"):
            assert f"static/{name}" in page.text
            assert (await client.get(f"/static/{name}")).status_code == 200
