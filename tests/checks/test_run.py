"""From a check to a verdict: every way in which a check ends, and that everything is closed then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from course_app.checks import CheckContext, Outcome, Verdict, run_check
from course_app.checks.local_backend import LocalBackend
from course_app.errors import CourseError
from course_app.manifest import Task
from tests.support.checks import PATIENCE, echo_app

TASK = Task(id="common.1", title="", target="app", points=1, hints=("?",))


async def play(
    monkeypatch: pytest.MonkeyPatch, check: Any, app: Any = None, *, limit: float = 60.0, patience: float = PATIENCE
) -> Verdict:
    """Run a check against `app`, an echo by default, and return the verdict."""
    monkeypatch.setattr("course_app.checks.run.find", lambda task_id: check)
    namespace = {"app": echo_app() if app is None else app}
    return await run_check(TASK, LocalBackend("app", namespace, patience=patience), limit)


def expects(sent: str, reply: str = "hello") -> Any:
    """Return a check that sends one text and expects `reply`."""

    async def check(context: CheckContext) -> None:
        client = await context.connect("A")
        await client.send(sent)
        await client.expect(reply)

    return check


async def test_a_right_answer_passes_without_transcripts(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = await play(monkeypatch, expects("hello"))
    assert (verdict.outcome, verdict.task, verdict.diagnosis, verdict.message) == (Outcome.PASSED, "common.1", "", "")
    assert verdict.expected == verdict.received == ""
    assert verdict.seconds > 0


async def test_a_wrong_answer_has_a_text_and_two_transcripts(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = await play(monkeypatch, expects("other"))
    assert (verdict.outcome, verdict.diagnosis) == (Outcome.FAILED, "common.1.wrong-frame")
    assert verdict.message == "Client A expected 'hello' and got 'other'."
    assert verdict.expected.splitlines()[2:] == ["> TEXT 'other' [5 bytes]", "< TEXT 'hello' [5 bytes]"]
    assert verdict.received.splitlines()[2:4] == ["> TEXT 'other' [5 bytes]", "< TEXT 'other' [5 bytes]"]


async def test_what_did_not_come_in_time_is_timed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = await play(monkeypatch, expects("quiet"), patience=0.3)
    assert (verdict.outcome, verdict.diagnosis) == (Outcome.TIMED_OUT, "common.1.waited")


async def test_a_check_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forever(context: CheckContext) -> None:
        await asyncio.sleep(60)

    verdict = await play(monkeypatch, forever, limit=0.2)
    assert (verdict.outcome, verdict.diagnosis) == (Outcome.TIMED_OUT, "common.1.too-long")
    assert "0.2 s" in verdict.message


async def test_an_answer_that_is_no_app_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = await play(monkeypatch, expects("hello"), 42)
    assert (verdict.outcome, verdict.diagnosis) == (Outcome.FAILED, "common.1.not-an-app")
    assert verdict.message.startswith("app is a int")


async def test_an_error_of_the_course_ends_as_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(context: CheckContext) -> None:
        raise CourseError("the kernel is gone")

    verdict = await play(monkeypatch, check)
    assert (verdict.outcome, verdict.diagnosis) == (Outcome.FAILED, "common.1.not-served")
    assert "the kernel is gone" in verdict.message


async def test_whatever_a_check_meets_is_a_verdict_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def check(context: CheckContext) -> None:
        raise RecursionError("100,000 brackets")

    verdict = await play(monkeypatch, check)
    assert (verdict.outcome, verdict.diagnosis.rpartition(".")[2]) == (Outcome.FAILED, "check-error")
    assert "RecursionError: 100,000 brackets" in verdict.message and "something unexpected" in caplog.text


async def test_a_diagnosis_without_a_text_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(context: CheckContext) -> None:
        context.fail("no-such-text")

    with pytest.raises(CourseError, match="no-such-text"):
        await play(monkeypatch, check)


async def test_everything_is_closed_when_a_check_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[CheckContext] = []

    async def check(context: CheckContext) -> None:
        await context.connect("A")
        seen.append(context)
        context.fail("traceback", log="")

    await play(monkeypatch, check)
    (context,) = seen
    assert not context.clients[0].is_open
    server = await context.backend.address()
    assert not isinstance(server, str) and not server.running


async def test_a_task_without_a_check_is_a_mistake_of_the_course() -> None:
    with pytest.raises(CourseError, match="no checks"):
        await run_check(TASK, LocalBackend("app", {}))
