"""A check's context against an app of a test's own, and the failure that a step ends with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app.checks import CheckContext, CheckFailed
from course_app.checks.local_backend import LocalBackend

PATIENCE = 20.0  # seconds for what comes; what is waited for in vain gets less
IN_VAIN = 0.3  # seconds for what never comes


@asynccontextmanager
async def context_of(answer: Any, patience: float = PATIENCE, target: str = "answer") -> AsyncIterator[CheckContext]:
    """Give the context of a check of `answer`, an app or a function; disconnect and stop everything at the end."""
    backend = LocalBackend(target, {target: answer}, patience=patience)
    context = CheckContext(target, backend)
    try:
        yield context
    finally:
        await context.close()
        await backend.close()


async def failure_of(step: Awaitable[Any]) -> CheckFailed:
    """Await a step that has to fail, and return how it does."""
    with pytest.raises(CheckFailed) as caught:
        await step
    return caught.value


def echo_app() -> FastAPI:
    """Return an app whose `/ws` sends each text back, but for these words.

    `quiet`: no reply. `bye`: closes with 4001 `so long`. `boom`: raises. `bytes`: a binary frame comes first.
    `twice`: two replies.
    """
    app = FastAPI()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            if text == "quiet":
                continue
            if text == "bye":
                await websocket.close(4001, "so long")
                return
            if text == "boom":
                raise ValueError("boom, as asked")
            if text == "bytes":
                await websocket.send_bytes(b"\x01")
            if text == "twice":
                await websocket.send_text(text)
            await websocket.send_text(text)

    return app
