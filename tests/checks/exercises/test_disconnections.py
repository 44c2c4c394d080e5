"""Exercise `disconnections`: a right answer stays right, however often it is checked in one kernel."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from course_app.checks import Outcome, run_check
from course_app.checks.local_backend import LocalBackend
from course_app.manifest import Task, load
from course_app.nb.derive import answer_only
from course_app.nb.files import read
from tests.support.paths import ROOT

COURSE = load(ROOT)
LESSON = COURSE.lesson("disconnections")


@pytest.mark.parametrize("task", LESSON.tasks, ids=lambda task: task.id)
def test_the_solution_passes_twice_in_one_kernel(task: Task) -> None:
    cells = {cell["id"]: str(cell["source"]) for cell in answer_only(read(COURSE.solution_path(LESSON)))["cells"]}
    namespace: dict[str, Any] = {"__name__": "answer"}
    for own in (f"{LESSON.slug}-setup", f"{task.cell_prefix}-stub"):
        exec(compile(cells[own], own, "exec"), namespace)

    async def twice() -> list[Outcome]:
        return [(await run_check(task, LocalBackend(task.target, namespace, patience=1.5))).outcome for _ in range(2)]

    assert asyncio.run(twice()) == [Outcome.PASSED] * 2
