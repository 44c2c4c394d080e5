"""One HTTP request of a check: over TCP and over a Unix socket, as in the grader."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator

import pytest
from fastapi import Cookie, FastAPI

from course_app import serve
from course_app.checks.http import ResponseLost, complete_response, request
from course_app.serving.server import Server


def api() -> FastAPI:
    app = FastAPI()

    @app.post("/double")
    async def double(number: int, session: str = Cookie()) -> dict[str, object]:
        return {"double": 2 * number, "session": session}

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(30)

    return app


@pytest.fixture(params=["tcp", "unix"])
async def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """Serve the API on TCP, or on a Unix socket."""
    with tempfile.TemporaryDirectory() as folder:  # a short path: a socket's may have about 100 bytes
        if request.param == "unix":
            monkeypatch.setenv("COURSE_SOCKET_DIR", folder)
        server = await serve(api(), name=f"http {request.param}")
        yield server
        await server.stop()


async def test_a_response_carries_status_and_body(server: Server) -> None:
    address = f"unix:{server.uds}" if server.uds else server.url.replace("http", "ws", 1)
    options = {"cookies": {"session": "xyz"}}
    for target in (server, address):
        got = await request(target, "POST", "/double?number=21", 20.0, options)
        assert (got.status, got.json, got.text) == (200, {"double": 42, "session": "xyz"}, None)
    assert options == {"cookies": {"session": "xyz"}}


async def test_a_wrong_address_and_a_slow_response_are_no_exceptions(server: Server) -> None:
    assert (await request(server, "GET", "/nowhere", 20.0, {})).status == 404
    assert (await request(server, "GET", "/slow", 0.2, {})).nothing


async def test_a_connection_that_breaks_counts_as_http_500() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    address = f"ws://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    assert (await request(address, "GET", "/", 20.0, {})).status == 500
    with pytest.raises(ResponseLost):
        await complete_response(address, "GET", "/", 20.0, {})
    listener.close()
    await listener.wait_closed()
