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
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from course_app.checks import Outcome, Verdict, run_check
from course_app.checks.local_backend import LocalBackend
from course_app.learner.progress import stub_of
from course_app.manifest import Task, load
from course_app.nb.derive import answer_only
from course_app.nb.files import read
from tests.support import virtual_time
from tests.support.paths import ROOT

COURSE = load(ROOT)
ANSWERS = sorted(path for path in (ROOT / "tests" / "answers").glob("*/[0-9]*__*") if path.suffix in (".py", ".toml"))
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")  # a field that was never filled in; JSON from the wire has braces too
PATIENCE = 1.5  # seconds that one wait of a check may last; they cost nothing in virtual time
REAL_PATIENCE = 3.0  # seconds, by the clock of a machine that may be busy
# A wrong answer that forgets an `await` is warned of by Python, and that is no fault of the check's.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
Run = Callable[[Coroutine[Any, Any, Verdict]], Verdict]


@cache
def solution(slug: str) -> dict[str, str]:
    """Return the sources of an exercise's solution by cell id, without the marks of the answers."""
    cells = answer_only(read(COURSE.solution_path(COURSE.lesson(slug))))["cells"]
    return {cell["id"]: str(cell["source"]) for cell in cells}


def authored(task: Task) -> str:
    """Return the answer as it stands in the solution notebook, without its marks."""
    return solution(task.slug)[task.answer_cell]


def answer(path: Path, task: Task) -> str:
    """Return the program that an answer file means."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert table.keys() <= {"base", "change"}
    base = table.get("base")
    source = (path.parent / base).read_text(encoding="utf-8") if base else authored(task)
    for change in table.get("change", []):
        assert source.count(change["old"]) == 1, f"{path.name}: {change['old']!r} has to occur exactly once"
        source = source.replace(change["old"], change["new"])
    return source


def judge(task: Task, source: str, patience: float = PATIENCE, run: Run = virtual_time.run) -> Verdict:
    """Return the verdict on an answer, by a clock that jumps over waits unless `run` says otherwise."""
    namespace: dict[str, Any] = {"__name__": "answer"}
    for code in (solution(task.slug)[f"{task.slug}-setup"], source):
        exec(compile(code, "answer", "exec", dont_inherit=True), namespace)  # a cell has no __future__ of ours
    return run(run_check(task, LocalBackend(task.target, namespace, patience=patience), source=source))


def described(path: Path) -> tuple[Task, str]:
    """Return the task that an answer file belongs to and the diagnosis that it must get, empty for a right answer."""
    number, diagnosis, _story = path.stem.split("__")
    task = COURSE.task(f"{path.parent.name}.{number}")
    return task, "" if diagnosis == "right" else f"{task.id}.{diagnosis}"


def assert_diagnosis(verdict: Verdict, diagnosis: str) -> None:
    """Assert that the verdict is the expected one, with a message that has no gap."""
    assert verdict.diagnosis == diagnosis, verdict
    if not diagnosis:
        assert verdict.outcome is Outcome.PASSED, verdict
    else:
        assert verdict.outcome in (Outcome.FAILED, Outcome.TIMED_OUT), verdict
        assert verdict.message and not PLACEHOLDER.search(verdict.message.replace("{text}", "")), verdict


@pytest.mark.timing("a check draws values and orders at random, and sockets take turns: two mistakes can change places")
@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_answer_gets_its_diagnosis(path: Path) -> None:
    task, diagnosis = described(path)
    assert_diagnosis(judge(task, answer(path, task)), diagnosis)


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_solution_passes(task: Task) -> None:
    assert_diagnosis(judge(task, authored(task)), "")


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_stub_does_not_pass(task: Task) -> None:
    assert judge(task, stub_of(COURSE, task)).outcome is not Outcome.PASSED


@pytest.mark.integration
@pytest.mark.timing("the clock of the machine that runs the suite decides which wait ends first")
@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_verdicts_are_the_same_by_the_real_clock(task: Task) -> None:
    """A sample: each task's solution, and the first of its wrong answers by name."""
    assert_diagnosis(judge(task, authored(task), REAL_PATIENCE, asyncio.run), "")
    path = next(path for path in ANSWERS if described(path)[0] == task and described(path)[1])
    assert_diagnosis(judge(task, answer(path, task), REAL_PATIENCE, asyncio.run), described(path)[1])


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_task_has_two_named_wrong_answers(task: Task) -> None:
    number = task.id.rpartition(".")[2]
    wrong = [path for path in ANSWERS if path.parent.name == task.slug and path.stem.startswith(f"{number}__")]
    assert len({path.stem.split("__")[1] for path in wrong} - {"right"}) >= 2
