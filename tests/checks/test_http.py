"""One HTTP request of a check: over TCP, over a Unix socket, and what each way to miss the response is called."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Cookie, FastAPI

from course_app import serve
from course_app.checks import CheckContext, Outcome, Verdict, run_check
from course_app.checks.http import request
from course_app.checks.local_backend import LocalBackend
from course_app.manifest import Task

PATIENCE = 20.0  # seconds for what comes; what is waited for in vain gets less
TASK = Task(id="common.1", title="", target="app", points=1, hints=("?",))


def api() -> FastAPI:
    app = FastAPI()

    @app.post("/double")
    async def double(number: int, session: str = Cookie()) -> dict[str, object]:
        return {"double": 2 * number, "session": session}

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(30)

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError("boom, as asked")

    return app


@pytest.fixture(params=["tcp", "unix"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Have servers listen on TCP, or on a Unix socket as in the grader."""
    with tempfile.TemporaryDirectory() as folder:  # a short path: a socket's may have about 100 bytes
        if request.param == "unix":
            monkeypatch.setenv("COURSE_SOCKET_DIR", folder)
        yield request.param


def play(monkeypatch: pytest.MonkeyPatch, check: Any, patience: float = PATIENCE) -> Verdict:
    monkeypatch.setattr("course_app.checks.run.find", lambda task_id: check)
    return asyncio.run(run_check(TASK, LocalBackend("app", {"app": api()}, patience=patience), 60.0))


async def test_a_response_carries_status_and_body(transport: str) -> None:
    server = await serve(api(), name=f"web {transport}")
    address = f"unix:{server.uds}" if server.uds else server.url.replace("http", "ws", 1)
    for target in (server, address):
        got = await request(target, "POST", "/double?number=21", 2.0, {"cookies": {"session": "xyz"}})
        assert (got.status, got.json, got.text) == (200, {"double": 42, "session": "xyz"}, None)
    await server.stop()


@pytest.mark.parametrize(
    ("path", "status", "diagnosis", "outcome"),
    [
        ("/nowhere", 200, "wrong-response", Outcome.FAILED),
        ("/slow", 200, "no-response", Outcome.TIMED_OUT),
        ("/boom", 200, "wrong-response", Outcome.FAILED),
        ("/nowhere", 404, "", Outcome.PASSED),
    ],
)
def test_each_way_to_miss_a_response_has_its_name(
    monkeypatch: pytest.MonkeyPatch, transport: str, path: str, status: int, diagnosis: str, outcome: Outcome
) -> None:
    async def gets(context: CheckContext) -> None:
        await context.http("GET", path, status=status)

    verdict = play(monkeypatch, gets, 0.5 if outcome is Outcome.TIMED_OUT else PATIENCE)
    assert (verdict.outcome, verdict.diagnosis) == (outcome, f"common.1.{diagnosis}" if diagnosis else "")
    if diagnosis == "wrong-response":
        assert verdict.expected.splitlines() == [f"> GET {path}", "< HTTP 200"]
        assert verdict.received.splitlines()[0] == f"> GET {path}"
    if path == "/boom":
        assert "ValueError: boom, as asked" in verdict.message


def test_a_rule_names_the_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gets(context: CheckContext) -> None:
        await context.http("GET", "/nowhere", rules=[(lambda got: got.status == 404, "no-route")])

    assert play(monkeypatch, gets).diagnosis == "common.1.no-route"
