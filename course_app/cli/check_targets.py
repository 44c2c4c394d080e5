"""What `course check` is asked to check: tasks, exercises and files, as notebooks with their tasks."""

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
    """Return what the words of the command line mean; without any, every exercise that is there.

    Raises CourseError for a word that is no task, no exercise and no file.
    """
    if not words:
        found = [
            Target(course.exercise_path(one), one) for one in course.exercises if course.exercise_path(one).is_file()
        ]
        if not found:
            raise CourseError(f"no exercise in {course.root / 'exercises'}; `course reset SLUG` writes one anew")
        return found
    single = [_target(course, word) for word in words]
    merged: dict[Path, Target] = {}
    for one in single:
        merged[one.path] = _merge(merged[one.path], one) if one.path in merged else one
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


def _merge(one: Target, other: Target) -> Target:
    if one.tasks is None or other.tasks is None:
        return Target(one.path, one.lesson)
    wanted = {*one.tasks, *other.tasks}
    return Target(one.path, one.lesson, tuple(task for task in one.lesson.tasks if task in wanted))
