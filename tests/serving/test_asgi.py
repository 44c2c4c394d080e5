"""Every ASGI app is taken, and anything else is named."""

from __future__ import annotations

import types
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket

from course_app.client.client import Closed, connect
from course_app.errors import CourseError
from course_app.serving.server import serve
from tests.support.apps import make_app

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("nothing_left")]


class Plain:
    """Neither an app nor callable."""


async def endpoint(websocket: WebSocket) -> None: ...


async def protocol_only(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1000})


def sync_app(scope: Any, receive: Any, send: Any) -> None: ...


def make() -> FastAPI:
    return FastAPI()


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ("main:app", "the text 'main:app': pass the app itself"),
        (None, "NoneType None"),
        (FastAPI, r"the class FastAPI: call it, FastAPI\(\)"),
        (Plain(), "Plain <"),
        (APIRouter(), r"an APIRouter: make an app and call `app.include_router\(router\)`"),
        (endpoint, r"the function endpoint\(websocket\): if it is an endpoint"),
        (make, r"the function make\(\), which takes nothing: if it makes an app, call it: serve\(make\(\)\)"),
        (sync_app, "sync_app, which is not `async`"),
        (types.ModuleType("chat"), "the module chat: pass the app in it, chat.app"),
    ],
)
async def test_what_is_no_asgi_app(app: Any, message: str) -> None:
    running = await serve(make_app())
    with pytest.raises(
        CourseError, match=f"serve.. needs an ASGI app such as `app = FastAPI..`, not {message}"
    ) as error:
        await serve(app)
    assert "\n" not in str(error.value)
    assert running.running  # a mistake does not take away what runs


async def test_a_plain_asgi_function_without_lifespan_is_an_app() -> None:
    server = await serve(protocol_only)
    ws = await connect(server, "/")
    with pytest.raises(Closed):
        await ws.recv()
