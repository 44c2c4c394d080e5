"""The log of a server: which errors it shows, and that their text is the same on every machine."""

from __future__ import annotations

import logging
import re

import pytest
from fastapi import FastAPI, WebSocket

from course_app import connect, serve
from course_app.serving import logs
from course_app.serving.logs import LogBuffer

TRACEBACK = """Exception in ASGI application
Traceback (most recent call last):
  File "{path}", line 12, in echo
    text = await websocket.receive_text()
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    value = left + right
            ~~~~~^~~~~~~
starlette.websockets.WebSocketDisconnect: (1000, '')"""


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
def test_errors_are_whole_and_without_paths_of_a_machine(path: str, shown: str) -> None:
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


def test_errors_come_in_their_order_and_nothing_else_does() -> None:
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
