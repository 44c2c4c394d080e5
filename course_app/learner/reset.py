"""Exercises and tasks written anew from their solutions, after a backup."""

from __future__ import annotations

from pathlib import Path

from ..errors import CourseError
from ..manifest import Course, Lesson, Task
from ..nb.derive import derive
from ..nb.files import read, write
from ..storage import BACKUPS, back_up
from .progress import Progress, answer_cells, stub_of


def reset_exercise(course: Course, lesson: Lesson) -> Path | None:
    """Write the exercise anew and return the path of the backup, or None where there was no file.

    Raises CourseError where solution or exercise cannot be read or written, or no backup made; then nothing is changed.
    """
    path = course.exercise_path(lesson)
    fresh = derive(read(course.solution_path(lesson)), str(course.solution_path(lesson)))
    backup = _back_up(course, path)
    write(path, fresh)
    Progress.load(course.root).forget([task.id for task in lesson.tasks])
    return backup


def reset_task(course: Course, task: Task) -> Path | None:
    """Write one task's cell anew and return the path of the backup. Raises CourseError, as `reset_exercise` does."""
    lesson = course.lesson(task.slug)
    path = course.exercise_path(lesson)
    nb = read(path, strict=False)
    cell = answer_cells(nb).get(task.answer_cell)
    if cell is None:
        raise CourseError(
            f"{path} has no cell {task.answer_cell}; `course reset {lesson.slug}` writes the whole exercise anew"
        )
    backup = _back_up(course, path)
    cell.update(source=stub_of(course, task), outputs=[], execution_count=None)
    write(path, nb)
    Progress.load(course.root).forget([task.id])
    return backup


def _back_up(course: Course, path: Path) -> Path | None:
    if not path.is_file():
        return None
    folder = course.root / BACKUPS
    try:
        return back_up(path, folder)
    except OSError as error:
        raise CourseError(f"{path} cannot be backed up to {folder}: {error.strerror}; nothing was changed") from error
