"""The scripted dialogue: what each step says when the other side does something else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app.checks import CheckContext, Outcome, Verdict, registry, run_check
from course_app.checks.local_backend import LocalBackend
from course_app.manifest import Task

PATIENCE = 20.0  # seconds for what comes; what is waited for in vain gets less
TASK = Task(id="common.1", title="", target="app", points=1, hints=("?",))


def play(
    monkeypatch: pytest.MonkeyPatch, app: Any, check: Any, limit: float = 60.0, patience: float = PATIENCE
) -> Verdict:
    monkeypatch.setitem(registry._checks, TASK.id, check)
    monkeypatch.setattr("course_app.checks.run.find", lambda task_id: check)
    return asyncio.run(
        run_check(TASK, LocalBackend("app", {"app": app} if app is not None else {}, patience=patience), limit)
    )


def echo() -> FastAPI:
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
            await websocket.send_text(text)

    return app


async def says(context: CheckContext, word: str, reply: str | bytes = "hello") -> None:
    a = await context.client("A")
    await a.send(word)
    await a.receives(reply)


@pytest.mark.parametrize(
    ("word", "diagnosis", "outcome"),
    [
        ("other", "wrong-frame", Outcome.FAILED),
        ("bytes", "wrong-kind", Outcome.FAILED),
        ("quiet", "waited", Outcome.TIMED_OUT),
        ("bye", "closed", Outcome.FAILED),
        ("boom", "lost", Outcome.FAILED),
    ],
)
def test_each_way_to_miss_a_reply_has_its_name(
    monkeypatch: pytest.MonkeyPatch, word: str, diagnosis: str, outcome: Outcome
) -> None:
    patience = 0.3 if outcome is Outcome.TIMED_OUT else PATIENCE
    verdict = play(monkeypatch, echo(), lambda context: says(context, word), patience=patience)
    assert (verdict.outcome, verdict.diagnosis) == (outcome, f"common.1.{diagnosis}")
    assert "'hello'" in verdict.message
    assert verdict.expected.splitlines()[-1] == "< TEXT 'hello' [5 bytes]"
    assert verdict.received.startswith("> GET /ws")


def test_a_lost_connection_quotes_the_servers_log(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ValueError: boom, as asked" in play(monkeypatch, echo(), lambda context: says(context, "boom")).message


def test_the_right_reply_passes_without_transcripts(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = play(monkeypatch, echo(), lambda context: says(context, "hello"))
    assert verdict.passed and verdict.expected == verdict.received == ""
    assert repr(verdict) == "✔ common.1" and verdict._repr_html_() is None


async def closes(context: CheckContext, word: str, code: int) -> None:
    a = await context.client("A")
    await a.send(word)
    await a.closed(code)


@pytest.mark.parametrize(
    ("word", "code", "diagnosis"),
    [("bye", 4001, ""), ("bye", 1003, "wrong-close"), ("quiet", 1003, "still-open"), ("boom", 1003, "lost")],
)
def test_close_codes_are_told_apart(monkeypatch: pytest.MonkeyPatch, word: str, code: int, diagnosis: str) -> None:
    patience = 0.3 if diagnosis == "still-open" else PATIENCE
    verdict = play(monkeypatch, echo(), lambda context: closes(context, word, code), patience=patience)
    assert verdict.diagnosis == (f"common.1.{diagnosis}" if diagnosis else "")


async def connects(context: CheckContext, path: str) -> None:
    await context.client("A", path)


async def is_refused(context: CheckContext, path: str) -> None:
    await context.refused("A", path, status=403)


def test_a_refused_and_an_accepted_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    assert play(monkeypatch, echo(), lambda context: connects(context, "/nowhere")).diagnosis == "common.1.no-route"
    assert play(monkeypatch, echo(), lambda context: is_refused(context, "/nowhere")).passed
    assert play(monkeypatch, echo(), lambda context: is_refused(context, "/ws")).diagnosis == "common.1.not-refused"


@pytest.mark.parametrize(("app", "diagnosis"), [(None, "missing-name"), (42, "not-an-app")])
def test_what_is_no_app_is_named(monkeypatch: pytest.MonkeyPatch, app: Any, diagnosis: str) -> None:
    verdict = play(monkeypatch, app, lambda context: connects(context, "/ws"))
    assert verdict.diagnosis == f"common.1.{diagnosis}" and verdict.message


def test_a_check_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forever(context: CheckContext) -> None:
        await asyncio.sleep(60)

    verdict = play(monkeypatch, echo(), forever, limit=0.2)
    assert (verdict.outcome, verdict.diagnosis) == (Outcome.TIMED_OUT, "common.1.too-long")


def test_learner_text_is_escaped_in_html(monkeypatch: pytest.MonkeyPatch) -> None:
    page = play(monkeypatch, echo(), lambda context: says(context, "<script>"))._repr_html_()
    assert page and "&lt;script&gt;" in page and "<script>" not in page


def test_what_stands_between_backticks_is_set_as_code() -> None:
    verdict = Verdict("common.1", Outcome.FAILED, message="Await `accept()`, not `<b>`.", expected="x")
    assert "Await <code>accept()</code>, not <code>&lt;b&gt;</code>." in (verdict._repr_html_() or "")
    assert "Await `accept()`" in repr(verdict)


@pytest.mark.parametrize(("late", "diagnosis"), [(True, "traceback"), (False, "")])
def test_an_endpoint_that_raises_a_while_after_its_client_left_is_waited_for(monkeypatch, late, diagnosis):
    app = FastAPI()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)
        if late:
            await asyncio.sleep(0.04)
            raise ValueError("too late for anybody to see")

    async def check(context: CheckContext) -> None:
        await says(context, "hello")
        await context._actors[0].leaves()
        await context.all_left("traceback")

    verdict = play(monkeypatch, app, check)
    assert verdict.diagnosis == (f"common.1.{diagnosis}" if diagnosis else "")


def test_an_endpoint_that_never_ends_costs_a_moment_and_no_verdict(monkeypatch):
    app, ended = FastAPI(), asyncio.Event()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await ended.wait()

    async def check(context: CheckContext) -> None:
        await says(context, "hello")
        await context._actors[0].leaves()
        await context.all_left("traceback")

    assert play(monkeypatch, app, check).outcome is Outcome.PASSED
