"""The pages that `course grade` wrote, each into its learner's folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..errors import CourseError
from .home_folders import Home, write

FOLDER = "feedback"


def give_back(graded: Path, learners: Iterable[Home]) -> dict[str, str]:
    """Put each learner's page into `feedback/<name of the folder graded>.html` of their course.

    Returns what became of each learner: the file's name, or a line that says why there is none. Raises CourseError
    where `graded` is not what `course grade` wrote.
    """
    pages = pages_of(graded)
    name = f"{FOLDER}/{graded.resolve().name}.html"
    return {home.user: _give(home, name, pages.get(home.user)) for home in learners}


def pages_of(graded: Path) -> dict[str, Path]:
    """Return each student's page. Raises CourseError where `graded` is not what `course grade` wrote."""
    path = graded / "grades.json"
    try:
        students = json.loads(path.read_text(encoding="utf-8"))["students"]
        return {one["student"]: graded / one["feedback"] for one in students}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{graded} is not what `course grade --out` writes ({path.name} is missing or not ours)"
        ) from error


def _give(home: Home, name: str, page: Path | None) -> str:
    if page is None:
        return "nothing graded"
    try:
        write(home, name, page.read_bytes())
    except CourseError as error:
        return str(error).removeprefix(f"{home.user}: ")
    except OSError as error:
        return f"{page} cannot be read: {error.strerror}"
    return name
