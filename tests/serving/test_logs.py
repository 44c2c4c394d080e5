"""Records go to the log of the server they belong to, and none to stderr."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app.client.client import connect
from course_app.serving import logs
from course_app.serving.server import serve
from tests.support.apps import make_app

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("nothing_left")]


def forgetful() -> FastAPI:
    """An app whose endpoint starts a task that fails, and never looks at it again."""
    app = FastAPI()

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        async def fails() -> None:
            raise ZeroDivisionError("nobody looks")

        await websocket.accept()
        knot: list[Any] = [asyncio.create_task(fails())]
        knot.append(knot)  # only the garbage collector can undo it
        await asyncio.sleep(0)
        await websocket.close()

    return app


async def test_what_a_task_of_an_earlier_server_raised_is_not_put_down_to_the_next_one() -> None:
    gc.collect()
    gc.disable()
    try:
        for name, collect in (("first", True), ("second", False)):
            server = await serve(forgetful(), name=name)
            async with connect(server, "/ws") as client:
                await client.wait_closed()
            if collect:
                gc.collect()
                assert server.logs.last_error() == "ZeroDivisionError: nobody looks", "its own tasks are its own"
            await server.stop()
        third = await serve(make_app(), name="third")
        contextvars.copy_context().run(lambda: (logs.current.set(third.logs), gc.collect()))
        assert third.logs.last_error() is None
    finally:
        gc.enable()


async def test_an_endpoint_runs_in_the_servers_context_not_in_that_of_the_caller() -> None:
    seen: list[Any] = []
    app = FastAPI()

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        seen.append(logs.current.get())
        await websocket.accept()
        await websocket.close()

    other, server = await serve(make_app(), name="other"), await serve(app)
    async with connect(server, "/ws"):
        pass
    assert seen == [server.logs]
    assert any("/ws" in line for line in server.logs.lines())
    assert not any("/ws" in line for line in other.logs.lines())


async def test_tracebacks_go_to_the_log_not_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    server = await serve(make_app())
    for path in ("/rude", "/raises"):
        async with connect(server, path):
            pass
    ws = await connect(server, "/rude")
    await ws.abort()
    task = asyncio.create_task(asyncio.sleep(0, "never retrieved"))
    await task
    asyncio.get_running_loop().call_exception_handler({"message": "asyncio has something to say"})
    await server.stop()
    text = "\n".join(server.logs.lines())
    assert "WebSocketDisconnect" in text and "ValueError: a mistake of mine" in text
    assert "asyncio has something to say" in text
    assert capfd.readouterr().err == ""
    server.logs.clear()
    assert server.logs.lines() == []
