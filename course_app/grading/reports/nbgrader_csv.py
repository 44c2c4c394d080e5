"""nbgrader.csv: the columns that `nbgrader export` writes, for tools that read those.

Source: nbgrader/plugins/export.py, CsvExportPlugin.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from ..batch import Gradebook
from .grades_csv import harmless

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def write(book: Gradebook, path: Path) -> None:
    """Write a row per exercise and student to `path`, with zero points where there is no submission."""
    due = _moment(book.due) if book.due else "None"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for lesson in book.lessons:
            most = float(sum(task.points for task in lesson.tasks))
            for student, rows in book.students.items():
                row = next((row for row in rows if row.submission.lesson == lesson.stem), None)
                score = float(sum(row.points(task) for task in lesson.tasks)) if row else 0.0
                when = _moment(row.submission.received) if row else ""
                name = harmless(student)
                table.writerow([lesson.stem, due, when, name, "None", "None", "None", score, 0.0, score, most])


def _moment(moment: datetime) -> str:
    """Return a time as nbgrader writes it: UTC, without saying so."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))
