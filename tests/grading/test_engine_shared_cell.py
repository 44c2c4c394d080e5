"""Exercise 17 has one cell for twelve tasks: what becomes of the cell becomes of all of them."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import pytest

from course_app.grading.engine import check_notebook
from course_app.grading.result import Result
from course_app.grading.submission import lesson_for, remember
from course_app.learner.progress import FRESH, PASSED, Progress, standing
from course_app.learner.reset import reset_task
from course_app.manifest import FILE_NAME, Course, Lesson, load
from course_app.nb.cells import Notebook
from course_app.nb.files import read, write

pytestmark = pytest.mark.integration

ONE_ROUTE = """chat_app = FastAPI()

@chat_app.websocket("/ws")
async def chat(websocket: WebSocket):
    await websocket.accept()
    join = await websocket.receive_json()
    await websocket.send_json({"type": "error", "code": "invalid"})
"""


@pytest.fixture
def capstone(course: Course) -> Lesson:
    return course.lesson("capstone")


def judged(course: Course, lesson: Lesson, source: str) -> Result:
    notebook = copy.deepcopy(read(course.solution_path(lesson)))
    answer_of(notebook)["source"] = source
    return check_notebook(course, lesson, notebook)


def answer_of(notebook: Notebook) -> dict[str, str]:
    return next(cell for cell in notebook["cells"] if cell["id"] == "capstone-1-stub")


def test_an_untouched_cell_is_no_attempt_at_any_task(course: Course, capstone: Lesson) -> None:
    result = check_notebook(course, capstone, read(course.exercise_path(capstone), strict=False))
    assert {verdict.outcome.value for verdict in result.verdicts} == {"not_attempted"}
    assert len(result.verdicts) == 12


def test_a_cell_that_raises_fails_every_task(course: Course, capstone: Lesson) -> None:
    result = judged(course, capstone, "raise ValueError('no')")
    assert [verdict.diagnosis for verdict in result.verdicts] == [f"{task.id}.cell-raised" for task in capstone.tasks]
    assert all("capstone-1-stub" in verdict.message for verdict in result.verdicts)


def test_each_task_gets_a_verdict_of_its_own(course: Course, capstone: Lesson) -> None:
    result = judged(course, capstone, ONE_ROUTE)
    found = {verdict.task: verdict.diagnosis for verdict in result.verdicts}
    assert found["capstone.1"] == "capstone.1.no-welcome"
    assert found["capstone.9"] == "capstone.9.no-welcome"
    assert not any(verdict.passed for verdict in result.verdicts)


@pytest.fixture
def own(course: Course, capstone: Lesson, tmp_path: Path) -> Course:
    """A learner's copy of the course, as far as exercise 17 needs it, with the answer filled in."""
    shutil.copy(course.root / FILE_NAME, tmp_path)
    for path in (course.solution_path(capstone), course.exercise_path(capstone)):
        (tmp_path / path.parent.name).mkdir()
        shutil.copy(path, tmp_path / path.parent.name)
    mine = load(tmp_path)
    notebook = read(mine.exercise_path(capstone), strict=False)
    answer_of(notebook)["source"] = answer_of(read(course.solution_path(capstone)))["source"]
    write(mine.exercise_path(capstone), notebook)
    return mine


def test_one_cell_is_remembered_for_every_task_and_reset_for_every_task(own: Course, capstone: Lesson) -> None:
    path = own.exercise_path(capstone)
    notebook = read(path, strict=False)
    assert lesson_for(own, path.with_name("unknown.ipynb"), notebook).slug == "capstone"
    remember(own, notebook, check_notebook(own, capstone, notebook))
    assert set(standing(own, capstone, Progress.load(own.root)).values()) == {PASSED}
    assert reset_task(own, own.task("capstone.7"))
    assert set(standing(own, capstone, Progress.load(own.root)).values()) == {FRESH}
