"""The client bounds every wait, and its transcript says what crossed the wire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import cast

import pytest
import pytest_asyncio

from course_app.client.client import Close, Closed, Refused, WaitTimeout, connect
from course_app.errors import CourseError
from course_app.serving.server import Server, serve, stop_all
from tests.support.apps import make_app

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    yield await serve(make_app())
    await stop_all()


async def test_the_transcript_of_an_echo(server: Server) -> None:
    async with connect(server, "/echo") as ws:
        await ws.send("hi")
        assert await ws.recv() == "Message text was: hi"
        assert ws.response_headers["x-greeting"] == "hello"
        assert ws.closed is None
    assert str(ws.transcript) == "\n".join(
        [
            "> GET /echo",
            "< 101 Switching Protocols",
            "> TEXT 'hi' [2 bytes]",
            "< TEXT 'Message text was: hi' [20 bytes]",
            "> CLOSE 1000 (OK)",
            "< CLOSE 1000 (OK)",
            "= CLOSED 1000 (OK)",
        ]
    )
    assert str(server.transcript) == str(ws.transcript)
    assert ws.closed == Close(1000, "")


async def test_both_forms_and_two_lanes(server: Server) -> None:
    first = await connect(server, "/echo")
    async with connect(server, "/echo") as second, connect(server, "/echo", name="Zoë") as third:
        assert [first.name, second.name, third.name] == ["A", "B", "Zoë"]
    await first.close()
    assert server.transcript.lanes == ["A", "B", "Zoë"]
    async with connect(server, "/echo") as again:
        assert again.name == "A"  # free again, so that a cell which is run again gives the same text


async def test_a_server_that_closes_with_code_and_reason(server: Server) -> None:
    ws = await connect(server, "/scope")
    await ws.recv()
    with pytest.raises(Closed) as closed:
        await ws.recv()
    assert (closed.value.code, closed.value.reason) == (4001, "bye")
    assert str(closed.value) == "the connection on /scope is closed: 4001 (private use) bye"
    assert str(ws.transcript).splitlines()[-3:] == [
        "< CLOSE 4001 (private use) bye",
        "> CLOSE 4001 (private use) bye",
        "= CLOSED 4001 (private use) bye",
    ]
    with pytest.raises(Closed):
        await ws.send("too late")
    await ws.close()  # idempotent


async def test_everything_in_the_handshake_arrives(server: Server) -> None:
    async with connect(
        server,
        "/scope",
        name="Zoë",
        headers={"X-Token": "s3cret"},
        cookies={"session": "abc", "theme": "dark blue"},
        query={"q": "ü & more", "n": 1},
        origin="https://example.org",
        subprotocols=["chat.v1", "chat.v2"],
    ) as ws:
        assert await ws.recv_json() == {
            "path": "/scope",
            "root_path": "",
            "query": {"q": "ü & more", "n": "1"},
            "cookies": {"session": "abc", "theme": "dark blue"},
            "origin": "https://example.org",
            "token": "s3cret",
            "agent": "course-client/Zo%C3%AB",
        }
        assert ws.subprotocol == "chat.v2"
    assert str(ws.transcript).startswith("> GET /scope?q=%C3%BC+%26+more&n=1\n")


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/refuse", 403, b""),
        ("/unknown", 403, b""),
        ("/teapot", 418, b'{"detail":"short and stout"}'),
        ("/unauthorized", 401, b'{"detail":"no token"}'),
    ],
)
async def test_a_refused_handshake(server: Server, path: str, status: int, body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        await connect(server, path)
    assert (refused.value.status, refused.value.body) == (status, body)
    assert f"refused the handshake on {path} with HTTP status {status}" in str(refused.value)
    assert str(server.transcript).splitlines()[-1] == f"= REFUSED {status}"
    if path == "/teapot":
        assert refused.value.headers["x-pot"] == "tea"


async def test_waits_are_bounded_and_say_for_what(server: Server) -> None:
    ws = await connect(server, "/silent", timeout=0.2)
    with pytest.raises(WaitTimeout, match=r"waited 0\.2 s for a message on /silent"):
        await ws.recv()
    with pytest.raises(WaitTimeout, match="for the connection on /silent to close"):
        await ws.wait_closed()
    with pytest.raises(WaitTimeout, match=r"for the handshake on /never-accepts.*accept"):
        await connect(server, "/never-accepts", timeout=0.2)
    assert issubclass(WaitTimeout, CourseError) and issubclass(WaitTimeout, TimeoutError)
    assert str(ws.transcript).splitlines()[2:] == ["= WAITED 0.2 s", "= WAITED 0.2 s"]


async def test_sending_to_a_server_that_does_not_read_is_bounded(server: Server) -> None:
    ws = await connect(server, "/silent", timeout=0.3)
    with pytest.raises(WaitTimeout, match="for the server to take a message on /silent"):
        for _ in range(1000):
            await ws.send(bytes(2**20))
    began = time.monotonic()
    async with ws:  # the close frame cannot be sent, and the block ends all the same
        pass
    assert time.monotonic() - began < 5


async def test_an_endpoint_that_raises_is_quoted(server: Server) -> None:
    ws = await connect(server, "/raises")
    with pytest.raises(Closed) as closed:
        await ws.recv()
    assert closed.value.code == 1006
    assert "ValueError: a mistake of mine" in str(closed.value)
    assert str(ws.transcript).splitlines()[-1] == "= CLOSED 1006 (connection lost)"
    other = await connect(server, "/echo")
    await other.abort()
    with pytest.raises(Closed) as closed:
        await other.recv()
    assert "ValueError" not in str(closed.value)  # that was another connection's


async def test_abort_sends_no_close_frame(server: Server) -> None:
    ws = await connect(server, "/rude")
    await ws.abort()
    assert await ws.wait_closed() == Close(1006, "")
    assert str(ws.transcript).splitlines()[2:] == ["= ABORTED", "= CLOSED 1006 (connection lost)"]


async def test_pings_are_recorded_without_their_random_payload(server: Server) -> None:
    async with connect(server, "/echo") as ws:
        assert 0 < await ws.ping() < 5
    assert str(ws.transcript).splitlines()[2:4] == ["% PING sent", "% PONG received"]


async def test_pings_of_the_server_are_recorded() -> None:
    server = await serve(make_app(), ws_ping_interval=0.05)
    try:
        async with connect(server, "/echo") as ws:
            for _ in range(200):
                if "PONG sent" in str(ws.transcript):
                    break
                await asyncio.sleep(0.02)
        assert str(ws.transcript).splitlines()[2:4] == ["% PING received", "% PONG sent"]
    finally:
        await stop_all()


async def test_a_client_that_stops_reading_makes_the_server_wait(server: Server) -> None:
    ws = await connect(server, "/flood", max_queue=None, timeout=5)
    ws.stop_reading()
    await asyncio.sleep(0.2)
    held = len(ws.transcript)
    await asyncio.sleep(0.2)
    assert len(ws.transcript) == held
    ws.resume_reading()
    assert len(await ws.recv()) == 2**16
    await ws.abort()


async def test_long_and_binary_payloads_are_shortened(server: Server) -> None:
    async with connect(server, "/echo") as ws:
        await ws.send("x" * 5000)
        await ws.recv()
    async with connect(server, "/rude") as other:
        await other.send(b"\x00\x01\x02")
    lines = str(ws.transcript).splitlines()
    assert lines[2].endswith("[5000 bytes]") and "..." in lines[2] and max(map(len, lines)) < 120
    assert "> BINARY 00 01 02 [3 bytes]" in str(other.transcript)


async def test_json_and_iteration(server: Server) -> None:
    async with connect(server, "/echo") as ws:
        await ws.send_json({"a": "ü"})
        assert await ws.recv() == 'Message text was: {"a":"ü"}'
        await ws.send("no")
        with pytest.raises(CourseError, match="is not JSON"):
            await ws.recv_json()
    async with connect(server, "/scope") as ws:
        with pytest.raises(Closed):  # 4001 is no normal end
            async for message in ws:
                assert "path" in str(message)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda server: connect(server, "ws"), "path 'ws' must begin with a slash: use '/ws'"),
        (lambda _server: connect("http://127.0.0.1:1", "/"), "speaks ws://"),
        (lambda _server: connect("nonsense", "/"), "speaks ws://"),
        (lambda _server: connect(cast(str, None), "/"), "needs a server or an address, not NoneType"),
    ],
    ids=["path", "scheme", "no-address", "nothing"],
)
async def test_bad_arguments(server: Server, call: object, message: str) -> None:
    with pytest.raises(CourseError, match=message) as error:
        await call(server)  # type: ignore[operator]
    assert "\n" not in str(error.value)


async def test_bad_values_and_dead_servers(server: Server) -> None:
    async with connect(server, "/echo") as ws:
        with pytest.raises(CourseError, match="takes str or bytes, not dict: use send_json"):
            await ws.send({"a": 1})  # type: ignore[arg-type]
        with pytest.raises(CourseError, match="cannot close with code 1006"):
            await ws.close(1006)
    url = server.url.replace("http", "ws")
    async with connect(url, "/echo") as ws:
        assert ws.name == "client"
    await server.stop()
    with pytest.raises(CourseError, match="server 'main' is stopped"):
        await connect(server, "/echo")
    with pytest.raises(CourseError, match="nobody listens at ws://"):
        await connect(url, "/echo")


async def test_abort_twice_is_as_good_as_once() -> None:
    server = await serve(make_app())
    ws = await connect(server, "/echo")
    await ws.abort()
    await ws.abort()
    assert ws.closed is not None


async def test_two_waits_at_once_are_one_line() -> None:
    server = await serve(make_app())
    async with connect(server, "/echo") as ws:
        first = asyncio.create_task(ws.recv())
        await asyncio.sleep(0)
        with pytest.raises(CourseError, match="two recv\\(\\) of one client wait at once"):
            await ws.recv()
        await ws.send("hi")
        assert await first == "Message text was: hi"


async def test_a_tls_mistake_is_called_one() -> None:
    server = await serve(make_app())
    with pytest.raises(CourseError, match="TLS handshake with wss://.* failed"):
        await connect(f"wss://127.0.0.1:{server.port}", "/echo")
