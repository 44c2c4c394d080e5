"""The table of lessons in README.md, which `course build` writes from course.toml."""

from __future__ import annotations

import difflib
from pathlib import Path

from ..errors import CourseError
from ..manifest import Course, Lesson
from .build import Change

BEGIN, END = "<!-- lessons: written from course.toml -->", "<!-- end of lessons -->"


def build(course: Course, *, check: bool = False) -> list[Change]:
    """Bring README.md's table up to date and return the change, if there is one. With `check` nothing is written.

    A course without a README has nothing to bring up to date.
    """
    path = course.root / "README.md"
    if not path.is_file():
        return []
    old = path.read_text(encoding="utf-8")
    new = with_table(old, course)
    if old == new:
        return []
    if not check:
        path.write_text(new, encoding="utf-8", newline="\n")
    lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), "README.md (now)", "README.md (should be)")
    return [Change(path, "".join(lines))]


def table(course: Course) -> str:
    """Return the lessons as a Markdown table. A link is made only to a file that is there."""
    rows = ["| lesson | | minutes | exercise |", "|---|---|---|---|"]
    for lesson in course.lessons:
        lesson_cell = _link(f"{lesson.number:02d}", course.lesson_path(lesson), course.root)
        rows.append(f"| {lesson_cell} | {lesson.title} | {lesson.minutes} | {_exercise(course, lesson)} |")
    return "\n".join(rows)


def with_table(text: str, course: Course) -> str:
    """Return README's text with the table between its markers. Raises CourseError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise CourseError(
            f"README.md: the lines {BEGIN!r} and {END!r} are missing; put them around the table of lessons"
        )
    return f"{before}{BEGIN}\n{table(course)}\n{END}{after}"


def _link(text: str, path: Path, root: Path) -> str:
    return f"[{text}]({path.relative_to(root).as_posix()})" if path.exists() else text


def _exercise(course: Course, lesson: Lesson) -> str:
    if not lesson.tasks:
        return ""
    return _link(f"{len(lesson.tasks)} tasks", course.exercise_path(lesson), course.root)
