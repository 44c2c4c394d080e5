"""Records go to the log of the server they belong to, and none to stderr."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
import re
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app.client.client import connect
from course_app.serving import logs
from course_app.serving.logs import LogBuffer
from course_app.serving.server import serve
from tests.support.apps import make_app

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("nothing_left")]

TRACEBACK = """Exception in ASGI application
Traceback (most recent call last):
  File "{path}", line 12, in echo
    text = await websocket.receive_text()
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    value = left + right
            ~~~~~^~~~~~~
starlette.websockets.WebSocketDisconnect: (1000, '')"""


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


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/ada/.venv/lib/python3.12/site-packages/starlette/websockets.py", "starlette/websockets.py"),
        ("C:\\course\\.venv\\Lib\\site-packages\\starlette\\websockets.py", "starlette/websockets.py"),
        ("/home/ada/course/course_app/serving/connections.py", "course_app/serving/connections.py"),
        (logs.__file__, "course_app/serving/logs.py"),
        ("/tmp/ipykernel_4711/1234567890.py", "<notebook>"),
        ("C:\\Temp\\ipykernel_4711\\1234567890.py", "<notebook>"),
        ("/usr/lib/python3.12/asyncio/tasks.py", "tasks.py"),
        ("<frozen runpy>", "<frozen runpy>"),
    ],
)
async def test_errors_are_whole_and_without_paths_of_a_machine(path: str, shown: str) -> None:
    buffer = LogBuffer()
    buffer.append(logging.ERROR, TRACEBACK.format(path=path))
    assert buffer.errors().splitlines() == [
        "Exception in ASGI application",
        "Traceback (most recent call last):",
        f'  File "{shown}", line 12, in echo',
        "    text = await websocket.receive_text()",
        "    value = left + right",
        "starlette.websockets.WebSocketDisconnect: (1000, '')",
    ]


async def test_errors_come_in_their_order_and_nothing_else_does() -> None:
    buffer = LogBuffer()
    assert buffer.errors() == "(no errors)"
    buffer.append(logging.INFO, "connection open")
    assert buffer.errors() == "(no errors)"
    for level, text in [(logging.ERROR, "one"), (logging.WARNING, "not me"), (logging.CRITICAL, "two")]:
        buffer.append(level, text)
    assert buffer.errors() == "one\ntwo"


async def test_the_whole_traceback_of_an_endpoint_whose_client_leaves() -> None:
    app = FastAPI()

    @app.websocket("/ws")
    async def careless(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.receive_text()

    server = await serve(app, name="test logs")
    async with connect(server, "/ws"):
        pass
    await server.stop()
    lines = server.logs.errors().splitlines()
    assert lines[:2] == ["Exception in ASGI application", "Traceback (most recent call last):"]
    assert lines[-1] == "starlette.websockets.WebSocketDisconnect: (1000, '')"
    assert any(re.fullmatch(r'  File "test_logs.py", line \d+, in careless', line) for line in lines)


async def test_a_log_call_that_cannot_be_formatted_raises_nothing() -> None:
    buffer = logs.LogBuffer()
    record = logging.LogRecord("uvicorn", logging.WARNING, "app.py", 1, "%s and %s", ("one",), None)
    context = contextvars.Context()
    context.run(logs.current.set, buffer)
    context.run(logs._handler.emit, record)
    assert "cannot be formatted" in str(buffer) and "'%s and %s' with ('one',)" in str(buffer)
