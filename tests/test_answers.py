"""Checkers on trial: every named wrong answer gets its diagnosis, every right one passes, whatever it looks like.

`tests/answers/<slug>/<n>__<diagnosis>__<story>.py` is what a learner wrote into the cell of task `<slug>.<n>`;
the diagnosis `right` means that the answer must pass.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from course_app.checks import Outcome, Verdict, run_check
from course_app.checks.here import Here
from course_app.journal import stub_of
from course_app.manifest import Course, Task, load
from course_app.nb.derive import answer_only
from course_app.nb.files import read

COURSE = load(Path(__file__).resolve().parent.parent)
ANSWERS = sorted((Path(__file__).parent / "answers").glob("*/*.py"))
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")  # a field that was never filled in; JSON from the wire has braces too
PATIENCE = 1.5  # seconds; the machine that runs the suite may be busy


def setup_source(course: Course, slug: str) -> str:
    """Return the code that learners run before task 1."""
    cells = read(course.solution_path(course.lesson(slug)))["cells"]
    return next(str(cell["source"]) for cell in cells if cell["id"] == f"{slug}-setup")


def judge(task: Task, source: str) -> Verdict:
    namespace: dict[str, Any] = {"__name__": "answer"}
    exec(compile(setup_source(COURSE, task.slug), "setup", "exec"), namespace)
    exec(compile(source, "answer", "exec"), namespace)
    return asyncio.run(run_check(task, Here(task.target, namespace, patience=PATIENCE)))


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_answer_gets_its_diagnosis(path: Path) -> None:
    number, diagnosis, _story = path.stem.split("__")
    task = COURSE.task(f"{path.parent.name}.{number}")
    verdict = judge(task, path.read_text(encoding="utf-8"))
    if diagnosis == "right":
        assert verdict.outcome is Outcome.PASSED, verdict
    else:
        assert verdict.outcome in (Outcome.FAILED, Outcome.TIMED_OUT), verdict
        assert verdict.diagnosis == f"{task.id}.{diagnosis}", verdict
        assert verdict.message and not PLACEHOLDER.search(verdict.message.replace("{text}", "")), verdict


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_solution_passes(task: Task) -> None:
    cells = answer_only(read(COURSE.solution_path(COURSE.lesson(task.slug))))["cells"]
    source = next(cell["source"] for cell in cells if cell["id"] == f"{task.cell_prefix}-stub")
    verdict = judge(task, source)
    assert verdict.outcome is Outcome.PASSED, verdict


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_stub_does_not_pass(task: Task) -> None:
    assert judge(task, stub_of(COURSE, task)).outcome is not Outcome.PASSED


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_task_has_two_named_wrong_answers(task: Task) -> None:
    number = task.id.rpartition(".")[2]
    wrong = [path for path in ANSWERS if path.parent.name == task.slug and path.stem.startswith(f"{number}__")]
    assert len({path.stem.split("__")[1] for path in wrong} - {"right"}) >= 2
