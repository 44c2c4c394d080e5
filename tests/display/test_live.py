"""The diagram that grows: it follows, it does not flood, and it stops when it is closed."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from course_app import connect, serve
from course_app.display import live
from course_app.display.live import Live, Picture
from course_app.display.transcript import Transcript
from tests.support.apps import make_app


class Screen:
    """Keeps the pictures that a notebook would show."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    def update(self, picture: object) -> None:
        assert isinstance(picture, Picture)
        self.pictures.append(picture)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "INTERVAL", 0.02)


async def until_quiet() -> None:
    await asyncio.sleep(0.1)


async def test_it_grows_while_frames_pass() -> None:
    server, screen = await serve(make_app()), Screen()
    server.live().follow(screen)
    async with connect(server, "/echo") as ws:
        await ws.send("one")
        await ws.recv()
        await until_quiet()
        seen = len(screen.pictures[-1].events)
        await ws.send("two")
        await ws.recv()
        await until_quiet()
        assert len(screen.pictures[-1].events) == seen + 2
    await server.stop()


async def test_many_events_are_few_pictures_and_the_last_is_whole() -> None:
    transcript, screen = Transcript(), Screen()
    transcript.live().follow(screen)
    for number in range(1000):
        transcript.add("A", ">", f"TEXT '{number}' [1 bytes]")
    await until_quiet()
    assert len(screen.pictures) == 1
    assert len(screen.pictures[0].events) == live.ROWS
    assert screen.pictures[0].earlier == 1000 - live.ROWS
    assert "960 earlier events" in screen.pictures[0]._repr_html_()


async def test_nothing_is_drawn_after_close_and_nothing_is_lost_by_it() -> None:
    transcript, screen = Transcript(), Screen()
    following = transcript.live()
    following.follow(screen)
    transcript.add("A", ">", "GET /ws")
    await asyncio.sleep(0)
    following.close()
    drawn = len(screen.pictures)
    assert drawn == 1 and len(screen.pictures[0].events) == 1
    transcript.add("A", "<", "101 Switching Protocols")
    following.changed()
    await until_quiet()
    following.close()
    assert len(screen.pictures) == drawn


async def test_a_cell_that_runs_again_replaces_its_display() -> None:
    transcript, first, second = Transcript(), Screen(), Screen()
    transcript.live().follow(first)
    transcript.live().follow(second)
    transcript.add("A", ">", "GET /ws")
    await until_quiet()
    assert (len(first.pictures), len(second.pictures)) == (0, 1)


async def test_a_closed_one_is_held_by_nobody() -> None:
    transcript = Transcript()
    following = transcript.live()
    following.follow(Screen())
    transcript.add("A", ">", "GET /ws")
    await until_quiet()
    following.close()
    held = weakref.ref(following)
    del following
    gc.collect()
    assert held() is None


async def test_an_event_from_another_thread_is_drawn_on_the_loop() -> None:
    transcript, screen = Transcript(), Screen()
    transcript.live().follow(screen)
    await asyncio.to_thread(transcript.add, "A", ">", "GET /ws")
    await until_quiet()
    assert len(screen.pictures) == 1


def test_the_text_is_the_same_at_any_time() -> None:
    transcript = Transcript()
    before = repr(Live(transcript))
    transcript.add("A", ">", "GET /ws")
    assert repr(Live(transcript)) == before == "<the frames as they pass>"
