"""The functions that a learner calls in a notebook: check, hint, solution, reset, progress.

None of these raises for a learner's mistake: Run All has to get through a fresh exercise.
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..checks import Outcome, Verdict, run_check
from ..checks.local_backend import LocalBackend
from ..checks.verdict import Verdicts
from ..display.pending import says_await
from ..display.progress_bar import progress_bar
from ..errors import CourseError, NotebookError
from ..manifest import Course, Task, load
from ..messages import text
from ..nb.bindings import binds
from ..nb.cells import BEGIN
from ..nb.derive import answer_only
from . import cell_runs
from .progress import PASSED, Progress, fingerprint, normal, solution_cell, standing, stub_of


@dataclass(frozen=True)
class Note:
    """A short text for the learner: plain in a terminal, tidy HTML in JupyterLab. `code` is shown as code."""

    text: str
    code: str = ""

    def __repr__(self) -> str:
        return f"{self.text}\n\n{self.code}" if self.code else self.text

    def _repr_html_(self) -> str:
        code = f"<pre>{html.escape(self.code)}</pre>" if self.code else ""
        lines = "<br>".join(html.escape(line) for line in self.text.splitlines())
        return f'<div style="border-left:4px solid #3a6ea5;padding:.4em .9em">{lines}{code}</div>'


@says_await
async def check(task_id: str) -> Verdict | Verdicts | Note:
    """Check one task, such as `"echo.1"`, and return its verdict: ✔, ✘ with a diagnosis, or ○ not attempted yet.

    The slug of an exercise, such as `"echo"`, checks all its tasks and returns their verdicts.
    Under nbgrader, which gives marks for cells that do not raise, anything but ✔ raises AssertionError.
    """
    try:
        course = load()
        if task_id in [lesson.slug for lesson in course.exercises]:
            tasks = course.lesson(task_id).tasks
            return Verdicts(tuple([await _checked(course, task) for task in tasks]))
        return await _checked(course, course.task(task_id))
    except CourseError as error:
        return Note(str(error))


async def _checked(course: Course, task: Task) -> Verdict:
    source = _last_source(task)
    verdict = await _verdict(course, task, source)
    if source is not None and BEGIN not in source:
        Progress.load(course.root).remember(task.id, outcome=verdict.outcome.value, source=fingerprint(source))
    if "NBGRADER_EXECUTION" in os.environ:
        assert verdict.passed, repr(verdict)
    return verdict


async def _verdict(course: Course, task: Task, source: str | None) -> Verdict:
    stub = _or_none(lambda: stub_of(course, task))
    if source is not None and stub is not None and normal(source) == normal(stub):
        return Verdict(task.id, Outcome.NOT_ATTEMPTED)
    if error := cell_runs.failure_of(task.target):
        return Verdict(task.id, Outcome.FAILED, f"{task.id}.stale", text("stale", target=task.target, error=error))
    return await run_check(task, LocalBackend(task.target, _namespace()), source=source or "")


def hint(task_id: str) -> Note:
    """Return the next hint for a task such as `"echo.1"`: each call goes one level deeper, the first is a question."""
    try:
        course = load()
        return Note(next_hint(Progress.load(course.root), course.task(task_id)))
    except CourseError as error:
        return Note(str(error))


def next_hint(state: Progress, task: Task) -> str:
    """Return the next hint's text and remember that it was shown; after the last one, the last one again."""
    shown = min(int(state.of(task.id).get("hints", 0)), len(task.hints))
    if shown == len(task.hints):
        return f"{task.hints[-1]}\n{text('no-more-hints', task=task.id)}"
    state.remember(task.id, hints=shown + 1)
    return f"{task.hints[shown]} ({shown + 1} of {len(task.hints)})"


def solution(task_id: str) -> Note:
    """Return the authored answer of a task, once it has passed, or when asked a second time."""
    try:
        course = load()
        return answer(course, Progress.load(course.root), course.task(task_id))
    except CourseError as error:
        return Note(str(error))


def answer(course: Course, state: Progress, task: Task) -> Note:
    """Return the authored answer of a task, or a note without code at the first request for one that has not passed.

    Raises CourseError where solution or exercise cannot be read.
    """
    remembered = state.of(task.id)
    passed = standing(course, course.lesson(task.slug), state)[task.id] == PASSED or remembered.get("outcome") == PASSED
    if not passed and not remembered.get("asked"):
        state.remember(task.id, asked=True)
        return Note(text("no-solution-yet", task=task.id))
    cell = solution_cell(course, task)
    return Note(f"{task.id}: {task.title}", answer_only({"cells": [cell]})["cells"][0]["source"])


def reset(task_id: str) -> Note:
    """Insert a fresh copy of a task's cell below this one. Your own cell is not changed."""
    try:
        course = load()
        task = course.task(task_id)
        stub = stub_of(course, task)
    except CourseError as error:
        return Note(str(error))
    shell = _shell()
    if shell is None:
        return Note(task.title, stub)
    shell.set_next_input(stub, replace=False)
    return Note(text("reset-cell", task=task.id))


def progress() -> Note:
    """Return your progress: a bar for each exercise."""
    try:
        course = load()
        state = Progress.load(course.root)
        rows = [progress_row(course, lesson.slug, state) for lesson in course.exercises]
    except CourseError as error:
        return Note(str(error))
    return Note("Progress", "\n".join(rows))


def progress_row(course: Course, slug: str, state: Progress) -> str:
    """Return an exercise's progress as a line such as `03_echo  ████░░░░  2 of 5`. Raises CourseError."""
    lesson = course.lesson(slug)
    done = list(standing(course, lesson, state).values()).count(PASSED)
    return f"{lesson.stem:18} {progress_bar(done, len(lesson.tasks))}  {done} of {len(lesson.tasks)}"


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def _namespace() -> dict[str, Any]:
    shell = _shell()
    return shell.user_ns if shell is not None else {}


def _last_source(task: Task) -> str | None:
    """Return the source of the cell that last defined the task's target, or None where no cell did."""
    shell = _shell()
    ran = shell.user_ns.get("In", []) if shell is not None else []
    return next((source for source in reversed(ran) if binds(source, task.target)), None)


def _or_none(get: Callable[[], str]) -> str | None:
    try:
        return get()
    except NotebookError:
        return None


cell_runs.watch(_shell())
