"""Feedback pages of `course grade`, copied into learners' folders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..errors import CourseError
from .learner_folders import LearnerFolder, write

FOLDER = "feedback"


def return_feedback(graded: Path, learners: Iterable[LearnerFolder]) -> dict[str, str]:
    """Copy each learner's page to `feedback/<name of the folder graded>.html` in their course.

    Return, by user, the file's name or a line that says why there is none.
    Raises CourseError where `graded` is not what `course grade` wrote.
    """
    pages = pages_of(graded)
    name = f"{FOLDER}/{graded.resolve().name}.html"
    return {learner.user: _copy(learner, name, pages.get(learner.user)) for learner in learners}


def pages_of(graded: Path) -> dict[str, Path]:
    """Return the path of each student's page. Raises CourseError where `graded` is not what `course grade` wrote."""
    path = graded / "grades.json"
    try:
        students = json.loads(path.read_text(encoding="utf-8"))["students"]
        return {student["student"]: graded / student["feedback"] for student in students}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{graded} is not what `course grade --out` writes ({path.name} is missing or not ours)"
        ) from error


def _copy(learner: LearnerFolder, name: str, page: Path | None) -> str:
    if page is None:
        return "nothing graded"
    try:
        write(learner, name, page.read_bytes())
    except CourseError as error:
        return str(error).removeprefix(f"{learner.user}: ")
    except OSError as error:
        return f"{page} cannot be read: {error.strerror}"
    return name
