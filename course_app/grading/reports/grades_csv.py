"""grades.csv: one row per student, for spreadsheets and LMSs."""

from __future__ import annotations

import csv
from pathlib import Path

from ..batch import Gradebook

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(book: Gradebook, path: Path) -> None:
    """Write `student`, the points of every task, and `total`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["student", *(task.id for task in book.tasks), "total"])
        for student in book.students:
            points = [book.points(student, task) for task in book.tasks]
            rows.writerow([harmless(student), *points, sum(points)])


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text.startswith(_FORMULA) else text
