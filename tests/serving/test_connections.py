"""The table of connections follows them."""

from __future__ import annotations

import asyncio

import pytest

from course_app.client.client import connect
from course_app.serving.server import serve
from tests.support.apps import make_app

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("nothing_left")]


async def test_connections() -> None:
    server = await serve(make_app())
    assert repr(server.connections()) == "nobody is connected"
    async with connect(server, "/echo") as a, connect(server, "/silent", name="<b>Zoë"):
        assert repr(server.connections()).splitlines() == [
            "peer    path     state",
            "A       /echo    open",
            "<b>Zoë  /silent  open",
        ]
        assert "&lt;b&gt;Zoë" in server.connections()._repr_html_()
        await a.close()
        for _ in range(100):
            if len(server.connections()) == 1:
                break
            await asyncio.sleep(0.02)
        assert [row.path for row in server.connections()] == ["/silent"]
