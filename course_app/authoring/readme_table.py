"""The table of lessons in README.md, which `course build` writes from course.toml."""

from __future__ import annotations

from ..errors import CourseError
from ..manifest import Course
from .changes import Change, update
from .lesson_table import lesson_table

BEGIN, END = "<!-- lessons: written from course.toml -->", "<!-- end of lessons -->"


def build(course: Course, *, check: bool = False) -> list[Change]:
    """Bring README.md's table up to date and return the change, if there is one. With `check` nothing is written.

    A course without a README has nothing to bring up to date. Raises CourseError where README has no markers.
    """
    path = course.root / "README.md"
    if not path.is_file():
        return []
    return update(path, with_table(path.read_text(encoding="utf-8"), course), course.root, check=check)


def with_table(text: str, course: Course) -> str:
    """Return README's text with the table between its markers. Raises CourseError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise CourseError(
            f"README.md: the lines {BEGIN!r} and {END!r} are missing; put them around the table of lessons"
        )
    return f"{before}{BEGIN}\n{lesson_table(course)}\n{END}{after}"
