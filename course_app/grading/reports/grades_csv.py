"""grades.csv: one row per student, for spreadsheets and LMSs."""

from __future__ import annotations

import csv
from pathlib import Path

from ..batch import Gradebook

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(book: Gradebook, path: Path) -> None:
    """Write a row per student to `path`: name, points of every task, total."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["student", *(task.id for task in book.tasks), "total"])
        for student in book.students:
            points = [book.points(student, task) for task in book.tasks]
            rows.writerow([harmless(student), *points, sum(points)])


def harmless(text: str) -> str:
    """Return `text`, with an apostrophe before it where a spreadsheet would run it (OWASP, "CSV Injection")."""
    return f"'{text}" if text.startswith(_FORMULA) else text
