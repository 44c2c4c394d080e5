"""Which coroutine checks which task: every task of the course has one, and a missing one is named."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

from course_app.checks import CheckContext, exercises, find, registry, task
from course_app.errors import CourseError
from course_app.manifest import load
from tests.support.paths import ROOT

TASKS = [one.id for one in load(ROOT).tasks]


@pytest.mark.parametrize("task_id", TASKS)
def test_every_task_has_a_documented_check(task_id: str) -> None:
    check = find(task_id)
    assert inspect.iscoroutinefunction(check)
    assert (check.__doc__ or "").strip(), "the docstring says which requirements of the task are tested"


def test_no_two_tasks_share_a_check() -> None:
    assert len({find(task_id) for task_id in TASKS}) == len(TASKS)


def test_a_check_is_registered_and_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(context: CheckContext) -> None: ...

    monkeypatch.setattr(registry, "_checks", dict(registry._checks))
    assert task("echo.99")(check) is check
    assert find("echo.99") is check


@pytest.mark.parametrize(
    ("task_id", "words"),
    [("juggling.1", r"'juggling' has no checks; add course_app/checks/exercises/juggling\.py"), ("echo.99", "echo.99")],
)
def test_what_is_missing_is_named_with_the_file(task_id: str, words: str) -> None:
    with pytest.raises(CourseError, match=words):
        find(task_id)


def exercise_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slug: str, path: str, source: str) -> None:
    """Put a file of an exercise into a folder where `find` looks for exercises."""
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    monkeypatch.setattr(exercises, "__path__", [*exercises.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "_checks", dict(registry._checks))
    monkeypatch.delitem(sys.modules, f"{exercises.__name__}.{slug}", raising=False)


CHECK = "from course_app.checks import task\n@task('juggling.1')\nasync def juggles(context): ...\n"


def test_an_exercise_is_a_module_or_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exercise_file(tmp_path, monkeypatch, "juggling", "juggling/balls.py", CHECK)
    exercise_file(tmp_path, monkeypatch, "juggling", "juggling/__init__.py", "from . import balls\n")
    assert find("juggling.1").__name__ == "juggles"
    for name in ("juggling", "juggling.balls"):
        monkeypatch.delitem(sys.modules, f"{exercises.__name__}.{name}")


def test_an_exercise_that_imports_what_is_not_there_is_no_missing_exercise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise_file(tmp_path, monkeypatch, "juggling", "juggling.py", "import no_such_module_anywhere\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        find("juggling.1")
