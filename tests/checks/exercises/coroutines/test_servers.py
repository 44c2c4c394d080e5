"""The servers that the check plays, and what they note."""

from __future__ import annotations

import asyncio

import pytest

from course_app import Closed, connect, serve
from course_app.checks.exercises.coroutines.servers import CLOSE, AnsweringServer, NewsServer
from course_app.display.transcript import Transcript


async def test_texts_that_come_together_are_answered_together() -> None:
    playing = AnsweringServer(Transcript(), {"a": "1", "b": "2"}, together=2)
    server = await serve(playing.app, name="answering")
    async with connect(server, "/ws") as first, connect(server, "/ws") as second:
        await first.send("a")
        await second.send("b")
        assert (await first.recv(), await second.recv()) == ("1", "2")
    await server.stop()
    assert not playing.was_alone
    assert playing.connections == 2


async def test_a_text_that_comes_alone_is_answered_late_and_noted() -> None:
    playing = AnsweringServer(Transcript(), {"a": "1"}, together=2)
    server = await serve(playing.app, name="answering")
    async with connect(server, "/ws") as client:
        await client.send("a")
        assert await client.recv() == "1"
    await server.stop()
    assert playing.was_alone


async def test_a_reply_can_be_a_close_and_a_client_that_left_gets_none() -> None:
    playing = AnsweringServer(Transcript(), {"a": CLOSE, "b": "2"}, {"b": 0.1})
    server = await serve(playing.app, name="answering")
    async with connect(server, "/ws") as client:
        await client.send("a")
        with pytest.raises(Closed) as closed:
            await client.recv()
    assert closed.value.code == 4000
    async with connect(server, "/ws") as client:
        await client.send("b")
    await asyncio.sleep(0.2)
    await server.stop()
    assert playing.asked == ["a", "b"]
    assert playing.answered == []


async def test_the_last_piece_of_news_comes_late() -> None:
    playing = NewsServer(Transcript(), ["x", "y", "z"])
    server = await serve(playing.app, name="news")
    async with connect(server, "/ws") as client:
        assert [await client.recv() for _ in range(2)] == ["x", "y"]
        await client.send("bye")
        assert playing.open == 1
        assert await client.recv() == "z"
    await asyncio.sleep(0.05)
    await server.stop()
    assert playing.open == 0
    assert playing.received == ["bye"]
    assert playing.first_received is not None
    assert playing.first_received < 0.5
