"""grades.json: the whole gradebook, for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..batch import Gradebook, Row

SCHEMA = 1
"""Grows when a key changes its meaning or goes; new keys leave it as it is. docs/instructors.md lists the keys."""


def write(book: Gradebook, path: Path, feedback: dict[str, str]) -> None:
    """Write the gradebook; `feedback` has the file of each student's page, relative to the folder of `path`."""
    path.write_text(json.dumps(as_dict(book, feedback), indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


def as_dict(book: Gradebook, feedback: dict[str, str]) -> dict[str, Any]:
    """Return the gradebook as JSON-ready values; `feedback` is as for `write`."""
    return {
        "schema": SCHEMA,
        "course": book.course.title,
        "began": book.began.isoformat(timespec="seconds"),
        "seconds": round(book.seconds, 3),
        "due": book.due.isoformat() if book.due else None,
        "sandboxed": not book.unsandboxed,
        "unsandboxed_because": book.unsandboxed,
        "options": book.options.to_dict(),
        "max": book.most,
        "tasks": [
            {
                "id": task.id,
                "title": task.title,
                "points": task.points,
                "stretch": task.stretch,
                "exercise": book.course.lesson_of(task.id).stem,
            }
            for task in book.tasks
        ],
        "students": [
            {
                "student": student,
                "total": book.total(student),
                "feedback": feedback[student],
                "points": {task.id: book.points(student, task) for task in book.tasks},
                "submissions": [_row(row) for row in rows],
            }
            for student, rows in book.students.items()
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    submission = row.submission
    return {
        "source": submission.source,
        "exercise": submission.lesson,
        "received": submission.received.isoformat(timespec="seconds"),
        "late": submission.late,
        "superseded": list(submission.superseded),
        "key": row.key,
        "resumed": row.resumed,
        "problem": row.problem,
        "failed": row.failed,
        "result": row.result,
    }
