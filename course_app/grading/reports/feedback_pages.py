"""feedback/<student>.html: what one student gets back, with expected and received transcripts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from ...checks.verdict import Outcome
from ..batch import Gradebook, Row
from .rendering import render


def write(book: Gradebook, folder: Path) -> dict[str, str]:
    """Write one page per student into `folder` and return their file names by student. Pages of an earlier run go."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for student in book.students:
        names[student] = _file_name(student, taken)
        (folder / names[student]).write_text(page(book, student), encoding="utf-8")
    return names


def page(book: Gradebook, student: str) -> str:
    """Return the feedback page of `student`, a key of `book.students`, as HTML."""
    submissions = [(row, _verdicts(book, row)) for row in book.students[student]]
    return render("feedback.html.jinja", book=book, student=student, submissions=submissions)


def _file_name(student: str, taken: set[str]) -> str:
    """Return a name that every file system takes and that no other student has, whatever the case of letters."""
    base = re.sub(r"[^\w.-]+", "_", student).strip("._") or "student"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name.casefold())
    return f"{name}.html"


def _verdicts(book: Gradebook, row: Row) -> list[dict[str, Any]]:
    """Return the row's verdicts with the task and the points of each."""
    found = []
    for verdict in (row.result or {}).get("verdicts", []):
        task, outcome = book.course.task(verdict["task"]), Outcome(verdict["outcome"])
        points = task.points if outcome is Outcome.PASSED else 0
        found.append({**verdict, "task": task, "outcome": outcome, "points": points})
    return found
