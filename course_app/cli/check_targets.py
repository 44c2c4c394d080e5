"""The arguments of `course check`, tasks, exercises and files, as notebooks with their tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import CourseError
from ..manifest import Course, Lesson, Task


@dataclass(frozen=True)
class Target:
    """One notebook file, the exercise that it is, and the tasks to check (None: all)."""

    path: Path
    lesson: Lesson
    tasks: tuple[Task, ...] | None = None


def targets(course: Course, words: Sequence[str]) -> list[Target]:
    """Return a target per notebook that `words` name: task ids, slugs, stems or files; without words, every exercise.

    Raises CourseError for a word that is no task, no exercise and no file, and where there is no exercise at all.
    """
    if not words:
        found = [
            Target(path, lesson) for lesson in course.exercises if (path := course.exercise_path(lesson)).is_file()
        ]
        if not found:
            raise CourseError(f"no exercise in {course.root / 'exercises'}; `course reset SLUG` writes one anew")
        return found
    single = [_target(course, word) for word in words]
    merged: dict[Path, Target] = {}
    for target in single:
        merged[target.path] = _merge(merged[target.path], target) if target.path in merged else target
    return list(merged.values())


def _target(course: Course, word: str) -> Target:
    path = Path(word)
    if path.suffix == ".ipynb" or path.is_file():
        from ..grading.submission import lesson_for, read_submission

        return Target(path, lesson_for(course, path, read_submission(path)))
    if "." in word:
        task = course.task(word)
        lesson = course.lesson(task.slug)
        return Target(course.exercise_path(lesson), lesson, (task,))
    lesson = course.exercise(word)
    return Target(course.exercise_path(lesson), lesson)


def _merge(first: Target, second: Target) -> Target:
    if first.tasks is None or second.tasks is None:
        return Target(first.path, first.lesson)
    wanted = {*first.tasks, *second.tasks}
    return Target(first.path, first.lesson, tuple(task for task in first.lesson.tasks if task in wanted))
