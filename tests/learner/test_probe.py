"""probe(): an exchange is shown, whatever the app does, and nothing is raised or left."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, WebSocket

from course_app.errors import CourseError
from course_app.learner.probe import probe
from course_app.serving.server import _servers
from tests.support.apps import make_app

pytestmark = pytest.mark.asyncio


async def test_each_message_is_answered_before_the_next() -> None:
    transcript = await probe(make_app(), "/echo", "a", b"\x00", timeout=2.0)
    assert str(transcript).splitlines()[2:4] == ["> TEXT 'a' [1 byte]", "< TEXT 'Message text was: a' [19 bytes]"]
    assert all(not server.running for server in _servers.values())


async def test_silence_is_waited_out_and_the_next_message_sent() -> None:
    lines = str(await probe(make_app(), "/silent", "a", "b", timeout=0.1)).splitlines()
    assert [line for line in lines if line.startswith(("> TEXT", "= WAITED"))] == [
        "> TEXT 'a' [1 byte]",
        "= WAITED 0.1 s",
        "> TEXT 'b' [1 byte]",
        "= WAITED 0.1 s",
        "= WAITED 0.1 s",  # for the answer to the close frame
    ]


async def test_a_refusal_and_a_crash_stand_in_the_transcript() -> None:
    app = FastAPI()

    @app.websocket("/crash")
    async def crash(websocket: WebSocket) -> None:
        await websocket.accept()
        raise ValueError("a mistake")

    assert str(await probe(app, "/nowhere", "a")).endswith("= REFUSED 403")
    assert str(await probe(app, "/crash", "a", "b", timeout=2.0)).splitlines()[-1].startswith("= CLOSED 10")


async def test_what_is_no_app_is_an_error() -> None:
    with pytest.raises(CourseError, match="needs an ASGI app"):
        await probe("main:app", "/ws")
