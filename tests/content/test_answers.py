"""Checkers on trial: every named wrong answer gets its diagnosis, every right one passes, whatever it looks like.

`tests/answers/<slug>/<n>__<diagnosis>__<story>.py` is what a learner wrote into the cell of task `<slug>.<n>`;
the diagnosis `right` means that the answer must pass.

Where a program is long and the mistake short, the file is a `.toml`: the authored answer with a few changes.
Each `[[change]]` replaces `old`, which occurs exactly once, by `new`. `base` names another program to change, a file
below the exercise's folder.
"""

from __future__ import annotations

import asyncio
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from course_app.checks import Outcome, Verdict, run_check
from course_app.checks.local_backend import LocalBackend
from course_app.learner.progress import stub_of
from course_app.manifest import Course, Task, load
from course_app.nb.derive import answer_only
from course_app.nb.files import read
from tests.support.paths import ROOT

COURSE = load(ROOT)
ANSWERS = sorted(path for path in (ROOT / "tests" / "answers").glob("*/*") if path.suffix in (".py", ".toml"))
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")  # a field that was never filled in; JSON from the wire has braces too
PATIENCE = 1.5  # seconds that one wait of a check may last
MUCH_PATIENCE = 6.0  # on a second try: the machine that runs the suite may be busy


def setup_source(course: Course, slug: str) -> str:
    """Return the code that learners run before task 1."""
    cells = read(course.solution_path(course.lesson(slug)))["cells"]
    return next(str(cell["source"]) for cell in cells if cell["id"] == f"{slug}-setup")


def authored(task: Task) -> str:
    """Return the answer as it stands in the solution notebook, without its marks."""
    cells = answer_only(read(COURSE.solution_path(COURSE.lesson(task.slug))))["cells"]
    return next(str(cell["source"]) for cell in cells if cell["id"] == task.answer_cell)


def answer(path: Path, task: Task) -> str:
    """Return the program that an answer file means."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    described = tomllib.loads(path.read_text(encoding="utf-8"))
    assert described.keys() <= {"base", "change"}
    base = described.get("base")
    source = (path.parent / base).read_text(encoding="utf-8") if base else authored(task)
    for change in described.get("change", []):
        assert source.count(change["old"]) == 1, f"{path.name}: {change['old']!r} has to occur exactly once"
        source = source.replace(change["old"], change["new"])
    return source


def judge(task: Task, source: str, expected: str) -> Verdict:
    """Return the verdict on an answer, or that of a second try where its diagnosis is not the `expected` one."""
    verdict = judge_once(task, source, PATIENCE)
    return verdict if verdict.diagnosis == expected else judge_once(task, source, MUCH_PATIENCE)


def judge_once(task: Task, source: str, patience: float) -> Verdict:
    namespace: dict[str, Any] = {"__name__": "answer"}
    for code in (setup_source(COURSE, task.slug), source):
        exec(compile(code, "answer", "exec", dont_inherit=True), namespace)  # a cell has no __future__ of ours
    return asyncio.run(run_check(task, LocalBackend(task.target, namespace, patience=patience)))


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_answer_gets_its_diagnosis(path: Path) -> None:
    number, diagnosis, _story = path.stem.split("__")
    task = COURSE.task(f"{path.parent.name}.{number}")
    verdict = judge(task, answer(path, task), "" if diagnosis == "right" else f"{task.id}.{diagnosis}")
    if diagnosis == "right":
        assert verdict.outcome is Outcome.PASSED, verdict
    else:
        assert verdict.outcome in (Outcome.FAILED, Outcome.TIMED_OUT), verdict
        assert verdict.diagnosis == f"{task.id}.{diagnosis}", verdict
        assert verdict.message and not PLACEHOLDER.search(verdict.message.replace("{text}", "")), verdict


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_solution_passes(task: Task) -> None:
    verdict = judge(task, authored(task), "")
    assert verdict.outcome is Outcome.PASSED, verdict


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_stub_does_not_pass(task: Task) -> None:
    assert judge_once(task, stub_of(COURSE, task), PATIENCE).outcome is not Outcome.PASSED


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_task_has_two_named_wrong_answers(task: Task) -> None:
    number = task.id.rpartition(".")[2]
    wrong = [path for path in ANSWERS if path.parent.name == task.slug and path.stem.startswith(f"{number}__")]
    assert len({path.stem.split("__")[1] for path in wrong} - {"right"}) >= 2
