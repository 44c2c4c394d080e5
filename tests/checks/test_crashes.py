"""crashes_named: what the server logged names a lost connection better than the step that met it."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, WebSocket

from course_app.checks import CheckContext, CheckFailed
from course_app.checks.crashes import crashes_named
from tests.support.checks import context_of


def app_that(kind: str) -> FastAPI:
    """Return an app whose endpoint makes that mistake when it gets its first text."""
    app = FastAPI()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        if kind == "never accepts":
            await websocket.receive_text()
        await websocket.accept()
        await websocket.receive_text()
        if kind == "sends a dict":
            await websocket.send_text({"a": 1})  # type: ignore[arg-type]
        if kind == "accepts again":
            await websocket.accept()
        if kind == "divides":
            raise ZeroDivisionError
        await websocket.send_text("something else")

    return app


async def exchange(context: CheckContext) -> None:
    async with crashes_named(context):
        a = await context.connect("A")
        await a.send("hi")
        await a.expect("hi")


@pytest.mark.parametrize(
    ("kind", "diagnosis"),
    [
        ("never accepts", "no-accept"),
        ("sends a dict", "sent-no-text"),
        ("accepts again", "accepted-twice"),
        ("divides", "lost"),
        ("answers wrongly", "wrong-frame"),
    ],
)
async def test_the_log_names_what_a_crash_was(kind: str, diagnosis: str) -> None:
    async with context_of(app_that(kind)) as context:
        with pytest.raises(CheckFailed) as caught:
            await exchange(context)
    assert caught.value.diagnosis == diagnosis
