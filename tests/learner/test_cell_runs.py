"""The last run of the cell that binds a name: whether it ended well."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from course_app.learner import cell_runs


def run(source: str, error: Exception | None = None) -> None:
    before, during = (error, None) if isinstance(error, SyntaxError) else (None, error)
    info = SimpleNamespace(raw_cell=source)
    cell_runs.remember_run(SimpleNamespace(info=info, error_before_exec=before, error_in_exec=during))


@pytest.fixture(autouse=True)
def no_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_runs, "_runs", [])


def test_the_last_run_of_the_cell_counts() -> None:
    run("app = FastAPI()")
    assert cell_runs.failure_of("app") == ""
    run("app = FastAPI()\n1 / 0", ZeroDivisionError("division by zero"))
    assert cell_runs.failure_of("app") == "ZeroDivisionError: division by zero"
    run("app = FastAPI()")
    assert cell_runs.failure_of("app") == ""


@pytest.mark.parametrize(
    "source", ["answer = (", "async def answer(ws:\n", "def answer():\n  (", "class answer(:\n", "answer: int = ("]
)
def test_a_syntax_error_in_it_counts(source: str) -> None:
    run(source, SyntaxError("invalid syntax"))
    assert cell_runs.failure_of("answer") == "SyntaxError: invalid syntax"


@pytest.mark.parametrize(
    "source", ["print(answer)", "if answer == 1: 1 / 0", "other_answer = 1 / 0", "answers = 1 / 0"]
)
def test_another_cell_that_failed_does_not_count(source: str) -> None:
    run(source, ZeroDivisionError("division by zero"))
    assert cell_runs.failure_of("answer") == ""


def test_the_shell_is_watched_once() -> None:
    registered: list[object] = []
    events = SimpleNamespace(
        callbacks={"post_run_cell": registered}, register=lambda _name, function: registered.append(function)
    )
    for _ in range(2):
        cell_runs.watch(SimpleNamespace(events=events))
    cell_runs.watch(None)
    assert registered == [cell_runs.remember_run]
