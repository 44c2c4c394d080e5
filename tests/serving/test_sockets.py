"""Sockets: on a port or a path, free again after a server, and named when they cannot be used."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from course_app.client.client import connect
from course_app.errors import CourseError
from course_app.serving.server import Server, serve
from tests.support.apps import make_app

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("nothing_left")]


async def echoes(server: Server) -> bool:
    async with connect(server, "/echo") as ws:
        await ws.send("hi")
        return await ws.recv() == "Message text was: hi"


async def test_unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # socket paths are short
    server = await serve(make_app(), uds="one.sock")
    assert server.uds == "one.sock" and server.port is None
    assert await echoes(server)
    async with connect("unix:one.sock", "/echo"):
        pass
    with pytest.raises(CourseError, match="has no URL"):
        _ = server.url
    server = await serve(make_app(), uds="one.sock")
    assert await echoes(server)
    await server.stop()
    assert "one.sock" not in os.listdir()
    monkeypatch.setenv("COURSE_SOCKET_DIR", ".")
    server = await serve(make_app())
    assert server.uds == "main.sock" and await echoes(server)
    with pytest.raises(CourseError, match="another server listens there"):
        await serve(make_app(), name="second", uds="./main.sock")
    await server.stop()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind("main.sock")
    assert await echoes(await serve(make_app()))  # the file of a dead server is replaced
    (tmp_path / "file.sock").write_text("mine")
    with pytest.raises(CourseError, match="there is a file that is no socket"):
        await serve(make_app(), name="file")
    assert (tmp_path / "file.sock").read_text() == "mine"


async def test_a_busy_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CourseError, match=f"port {port} is busy.*; use port=0 for any free port"):
            await serve(make_app(), port=port)
    with pytest.raises(CourseError, match="port 99999 cannot be used"):
        await serve(make_app(), port=99999)
