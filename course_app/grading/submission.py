"""Learners' notebook files: which exercise one is, and its outcomes for `course list`."""

from __future__ import annotations

from pathlib import Path

from ..errors import CourseError, NotebookError
from ..learner.progress import Progress, answer_cells, fingerprint
from ..manifest import Course, Lesson
from ..nb.cells import Notebook, cell_id
from ..nb.files import read
from .result import Result


def read_submission(path: Path) -> Notebook:
    """Return the notebook in a learner's file. Raises NotebookError, which names the file and how to fix it."""
    if path.is_dir():
        raise NotebookError(f"{path} is a folder; name a notebook in it")
    if not path.exists():
        raise NotebookError(f"{path} does not exist; `course list` shows the exercises, `course reset` brings one back")
    return read(path, strict=False)


def lesson_for(course: Course, path: Path, notebook: Notebook) -> Lesson:
    """Return the exercise that the notebook in `path` answers, found by file name or else by cell ids.

    Raises CourseError for a notebook of no exercise.
    """
    for lesson in course.exercises:
        if path.stem == lesson.stem or path.stem.endswith(f"_{lesson.stem}"):
            return lesson
    ids = {cell_id(cell) for cell in notebook["cells"]}
    for lesson in course.exercises:
        if any(task.answer_cell in ids for task in lesson.tasks):
            return lesson
    raise CourseError(f"{path} is no exercise of this course; `course list` shows those that are")


def remember(course: Course, notebook: Notebook, result: Result) -> None:
    """Store the outcomes of the course's own exercise in the learner's progress, for `course list`."""
    state, cells = Progress.load(course.root), answer_cells(notebook)
    for verdict in result.verdicts:
        cell = cells.get(course.task(verdict.task).answer_cell)
        if cell is not None:
            state.remember(verdict.task, outcome=verdict.outcome.value, source=fingerprint(cell["source"]))
