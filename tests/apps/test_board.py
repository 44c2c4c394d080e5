"""The notice board on the wire, run by a real uvicorn."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from course_app import Server, connect, serve
from course_app.apps.board import app


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = await serve(app, name="board under test")
    yield server
    await server.stop()


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url) as client:
        yield client


async def post(http: httpx.AsyncClient, text: str) -> int:
    """Publish a note, and return the number of readers that the answer names."""
    response = await http.post("/notes", json={"text": text})
    assert response.status_code == 201, response.text
    return int(response.json()["readers"])


async def test_a_post_reaches_every_reader(server: Server, http: httpx.AsyncClient) -> None:
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        assert await post(http, "ünïcode ☂") == 2
        assert await a.recv() == await b.recv() == "ünïcode ☂"


async def test_a_newcomer_gets_the_last_five(server: Server, http: httpx.AsyncClient) -> None:
    for number in range(7):
        assert await post(http, str(number)) == 0
    async with connect(server, "/ws") as ws:
        await post(http, "new")
        assert [await ws.recv() for _ in range(6)] == ["2", "3", "4", "5", "6", "new"]


async def test_how_many_are_kept_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOARD_HISTORY_SIZE", "1")
    server = await serve(app, name="board under test")
    async with httpx.AsyncClient(base_url=server.url) as http:
        await post(http, "old")
        await post(http, "new")
        async with connect(server, "/ws") as ws:
            assert await ws.recv() == "new"
    await server.stop()


@pytest.mark.parametrize("note", [{}, {"text": ""}, {"text": "x" * 201}, {"text": 1}])
async def test_what_is_no_note_is_refused(http: httpx.AsyncClient, note: dict[str, object]) -> None:
    assert (await http.post("/notes", json=note)).status_code == 422


@pytest.mark.parametrize("leave", ["close", "abort"])
async def test_who_has_left_is_no_reader(server: Server, http: httpx.AsyncClient, leave: str) -> None:
    async with connect(server, "/ws") as a:
        b = await connect(server, "/ws")
        assert await post(http, "one") == 2
        await getattr(b, leave)()
        readers = 2
        for number in range(200):  # the server notices when it gets to it
            readers = await post(http, str(number))
            if readers == 1:
                break
        assert readers == 1
        assert await a.recv() == "one"
    assert not [line for line in server.logs.lines() if "Traceback" in line]


async def test_a_server_that_stops_says_so(server: Server) -> None:
    async with connect(server, "/ws") as ws:
        await server.stop()
        assert (await ws.wait_closed()).code == 1012


async def test_the_page_is_served(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert "<h1>Notice board</h1>" in page.text and (await http.get("/static/socket.js")).status_code == 200
