"""The guestbook on the wire, run by a real uvicorn."""

from __future__ import annotations

import pytest

from course_app import Refused, Server, connect, serve
from course_app.apps import guestbook


@pytest.fixture
async def server():
    guestbook.entries.clear()
    server = await serve(guestbook.app, name="guestbook under test")
    yield server
    await server.stop()
    guestbook.entries.clear()


async def test_an_entry_is_echoed_and_everybody_with_a_key_may_read_it(server: Server) -> None:
    async with connect(server, "/guestbook/sign?token=key-ada") as ada:
        for text in ("hi", "ünïcode ☂"):
            await ada.send(text)
            assert await ada.recv() == f"Message text was: {text}"
    for key in ("key-ada", "key-bob"):
        async with connect(server, f"/guestbook/look?token={key}") as reader:
            assert [await reader.recv(), await reader.recv()] == ["Ada wrote: hi", "Ada wrote: ünïcode ☂"]
            assert await reader.wait_closed() == (1000, "")


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/guestbook/sign?token=key-bob", 403, b'{"detail":"Bob may not sign"}'),
        ("/guestbook/look?token=key-eve", 403, b'{"detail":"a stranger may not look"}'),
        ("/guestbook/sign?token=key-eve", 403, b'{"detail":"a stranger may not look"}'),
        ("/guestbook/look", 401, b'{"detail":"Not authenticated"}'),
        ("/guestbook/sign?token=", 401, b'{"detail":"Not authenticated"}'),
    ],
    ids=["a reader", "an unknown key", "an unknown key, to sign", "no key", "an empty key"],
)
async def test_others_are_refused_with_a_reason(server: Server, path: str, status: int, body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        await connect(server, path)
    assert (refused.value.status, refused.value.body) == (status, body)


async def test_an_empty_book_closes_at_once(server: Server) -> None:
    async with connect(server, "/guestbook/look?token=key-bob") as reader:
        assert await reader.wait_closed() == (1000, "")
