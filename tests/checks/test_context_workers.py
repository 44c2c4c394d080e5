"""Several servers of one answer: the check calls the learner's function and serves each app that it returns."""

from __future__ import annotations

# A broker sets no event that a test could wait for.
import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app.checks import CheckContext, Verdict, run_check
from course_app.checks.local_backend import LocalBackend
from course_app.manifest import Task

TASK = Task(id="common.1", title="", target="create_app", points=1, hints=("?",))


def play(monkeypatch: pytest.MonkeyPatch, factory: Any, check: Any) -> Verdict:
    monkeypatch.setattr("course_app.checks.run.find", lambda task_id: check)
    return asyncio.run(run_check(TASK, LocalBackend("create_app", {"create_app": factory}, patience=20.0)))


def numbered(made: list[str] | None = None) -> Any:
    made = [] if made is None else made

    def create_app(word: str) -> FastAPI:
        made.append(word)
        number, app = len(made), FastAPI()

        @app.websocket("/ws")
        async def endpoint(websocket: WebSocket) -> None:
            await websocket.accept()
            await websocket.send_text(f"{word} {number}")
            await websocket.close()

        return app

    return create_app


async def meets_both(context: CheckContext) -> None:
    one, two = await context.workers(2, "worker")
    for at, reply in [(two, "worker 2"), (one, "worker 1"), (two, "worker 2")]:
        await (await context.client("A", at=at)).receives(reply)


def test_each_worker_is_an_app_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    assert play(monkeypatch, numbered(made), meets_both).passed
    assert made == ["worker", "worker"]


def test_a_refusal_is_asked_of_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_refused(context: CheckContext) -> None:
        (one,) = await context.workers(1, "worker")
        await context.refused("A", "/nowhere", at=one)

    assert play(monkeypatch, numbered(), is_refused).passed


async def coroutine_function(word: str) -> None: ...


def raises(word: str) -> None:
    raise LookupError("no such word")


@pytest.mark.parametrize(
    ("factory", "diagnosis"),
    [
        (FastAPI(), "not-a-factory"),
        (coroutine_function, "not-a-factory"),
        (lambda word: None, "made-no-app"),
        (lambda: FastAPI(), "raised"),
        (raises, "raised"),
    ],
)
def test_what_makes_no_app_is_named(monkeypatch: pytest.MonkeyPatch, factory: Any, diagnosis: str) -> None:
    verdict = play(monkeypatch, factory, meets_both)
    assert verdict.diagnosis == f"common.1.{diagnosis}" and verdict.message
