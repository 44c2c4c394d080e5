"""The finished echo socket on the wire, run by a real uvicorn."""

from __future__ import annotations

import httpx
import pytest

from course_app import Server, connect, serve
from course_app.apps import echo


@pytest.fixture
async def server():
    server = await serve(echo.app, name="echo under test")
    yield server
    await server.stop()


async def test_texts_come_back_any_number_of_times(server: Server) -> None:
    async with connect(server, "/ws") as ws:
        for text in ("hi", "", "ünïcode ☂", "x" * 70_000):
            await ws.send(text)
            assert await ws.recv() == f"Message text was: {text}"


async def test_a_binary_frame_is_refused_with_1003_and_others_go_on(server: Server) -> None:
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        await a.send(b"\x00")
        assert await a.wait_closed() == (1003, "text only")
        await b.send("still here")
        assert await b.recv() == "Message text was: still here"


@pytest.mark.parametrize("leave", ["close", "abort"])
async def test_a_client_that_leaves_puts_nothing_in_the_log(server: Server, leave: str) -> None:
    ws = await connect(server, "/ws")
    await ws.send("hi")
    await ws.recv()
    await getattr(ws, leave)()
    async with connect(server, "/ws") as other:
        await other.send("fence")
        await other.recv()
    assert not [line for line in server.logs.lines() if "Traceback" in line]


async def test_the_page_and_what_it_needs_are_served(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        page = await client.get("/")
        assert page.headers["content-type"].startswith("text/html")
        for name in ("common.css", "socket.js"):
            assert f"static/{name}" in page.text
            assert (await client.get(f"/static/{name}")).status_code == 200
