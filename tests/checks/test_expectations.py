"""Expectations that exercises share: an echo, a clean end, and a refusal that comes before accept."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, HTTPException, WebSocket

from course_app.checks import Rule
from course_app.checks.expectations import close_cleanly, expect_echo, expect_refusal_before_accept
from course_app.checks.rules import has_status, is_lost
from tests.support.checks import context_of, echo_app, failure_of


def constant_app(reply: str) -> FastAPI:
    """Return an app that answers each text with the same one, and raises when its client leaves."""
    app = FastAPI()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.receive_text()
            if not reply:
                raise ValueError("boom")
            await websocket.send_text(reply)

    return app


async def test_an_echo_is_expected_and_returned() -> None:
    async with context_of(echo_app()) as context:
        client = await context.connect("A")
        first, second = await expect_echo(context, client), await expect_echo(context, client)
        sent = [event.text for _, event in client.events() if event.mark == ">"]
    assert sent[1:] == [f"TEXT '{word}' [8 bytes]" for word in (first, second)]


@pytest.mark.parametrize(("reply", "diagnosis"), [("constant", "wrong-frame"), ("", "lost-it")])
async def test_what_is_no_echo_fails(reply: str, diagnosis: str) -> None:
    async with context_of(constant_app(reply)) as context:
        client = await context.connect("A")
        failed = await failure_of(expect_echo(context, client, Rule(is_lost, "lost-it")))
    assert failed.diagnosis == diagnosis


async def test_a_clean_end_leaves_no_traceback() -> None:
    async with context_of(echo_app()) as context:
        await close_cleanly(context, await context.connect("A"))
    async with context_of(constant_app("hi")) as context:
        client = await context.connect("A")
        failed = await failure_of(close_cleanly(context, client))
    assert failed.diagnosis == "not-caught" and "WebSocketDisconnect" in failed.fields["log"]


def guard_app() -> FastAPI:
    """Return an app that treats a client as its path says."""
    app = FastAPI()

    @app.websocket("/{how}")
    async def endpoint(websocket: WebSocket, how: str) -> None:
        if how == "refused":
            raise HTTPException(403, "not you")
        if how == "crash":
            raise ValueError("boom")
        await websocket.accept()
        if how == "second":
            await websocket.send_text("not you")
        if how != "stays":
            await websocket.close(1008)
        else:
            await websocket.receive()

    return app


@pytest.mark.parametrize(
    ("path", "frames", "diagnosis"),
    [
        ("/refused", 1, ""),
        ("/stays", 1, "let-in"),
        ("/first", 1, "accepted-first"),
        ("/second", 1, "let-in"),
        ("/second", 2, "accepted-first"),
        ("/crash", 1, "crashed"),
    ],
)
async def test_a_refusal_after_accept_is_none(path: str, frames: int, diagnosis: str) -> None:
    async with context_of(guard_app()) as context:
        step = expect_refusal_before_accept(
            context,
            "A",
            path,
            "let-in",
            rules=[Rule(has_status(500), "crashed")],
            frames=frames,
            fields={"origin": "https://evil.example"},
        )
        if not diagnosis:
            assert (await step).status == 403
            return
        failed = await failure_of(step)
    assert (failed.diagnosis, failed.fields["who"], failed.fields["path"]) == (diagnosis, "A", path)
    assert ("origin" in failed.fields) is (diagnosis == "let-in")


async def test_another_status_is_expected_where_a_check_says_so() -> None:
    async with context_of(guard_app()) as context:
        failed = await failure_of(expect_refusal_before_accept(context, "A", "/refused", "let-in", status=422))
    assert failed.diagnosis == "wrong-status"
