"""A learner's file: read, told which exercise it is, and remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.checks.verdict import Outcome, Verdict
from course_app.errors import CourseError, NotebookError
from course_app.grading.result import Result
from course_app.grading.submission import lesson_for, read_submission, remember
from course_app.learner.progress import PASSED, Progress, standing
from course_app.manifest import Course
from course_app.nb.files import read, write


@pytest.mark.parametrize("name", ["01_sums.ipynb", "ada_01_sums.ipynb", "mine.ipynb"])
def test_an_exercise_is_known_by_its_name_or_its_cells(built: Course, tmp_path: Path, name: str) -> None:
    lesson = built.exercises[0]
    assert lesson_for(built, tmp_path / name, read(built.exercise_path(lesson))) == lesson


def test_a_notebook_of_no_exercise_is_named(built: Course) -> None:
    with pytest.raises(CourseError, match=r"^other\.ipynb is no exercise of this course"):
        lesson_for(built, Path("other.ipynb"), {"cells": [], "metadata": {}})


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="is a folder; name a notebook in it"):
        read_submission(tmp_path)
    with pytest.raises(NotebookError, match="does not exist; `course list` shows the exercises"):
        read_submission(tmp_path / "none.ipynb")


def test_an_outcome_counts_for_the_answer_that_got_it(built: Course) -> None:
    lesson = built.exercises[0]
    task, path = lesson.tasks[0], built.exercise_path(lesson)
    nb = read(path)
    next(cell for cell in nb["cells"] if cell["id"] == task.answer_cell)["source"] = "mine = 1"
    write(path, nb)
    remember(built, nb, Result(lesson.stem, (Verdict(task.id, Outcome.PASSED),), None))
    assert standing(built, lesson, Progress.load(built.root))[task.id] == PASSED
