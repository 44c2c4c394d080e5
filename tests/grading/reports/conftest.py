"""A graded class of which a test writes every text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from course_app.grading.batch import Gradebook, Row
from course_app.grading.collect import Submission
from course_app.grading.grade_bytes import Options
from course_app.manifest import Course

RECEIVED = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
MakeBook = Callable[..., Gradebook]


def verdict(task: str, outcome: str = "passed", **texts: str) -> dict[str, Any]:
    """Return a verdict as `Verdict.to_dict` does, with empty texts but for `texts`."""
    empty = {"diagnosis": "", "message": "", "expected": "", "received": ""}
    return {"task": task, "outcome": outcome, "seconds": 0.25, **empty, **texts}


def result(*verdicts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a result as `Result.to_dict` does, of the given verdicts."""
    return {"verdicts": list(verdicts), "repairs": [], "stopped": "", "seconds": {"cells": 0.5}, **more}


def submission(student: str, **more: Any) -> Submission:
    """Return a submission of the echo exercise, one file."""
    source = more.pop("source", f"{student}/03_echo.ipynb")
    return Submission(student, source, Path("nowhere"), RECEIVED, lesson=more.pop("lesson", "03_echo"), **more)


@pytest.fixture
def make_book(course: Course) -> MakeBook:
    """Return a function that makes a gradebook of four students in which every text a student can write is `text`."""

    def make(text: str = "plain", *, title: str = "", unsandboxed: str = "") -> Gradebook:
        wrong = verdict(
            "echo.1", "failed", diagnosis=f"echo.1.{text}", message=text, expected=f"> {text}", received=f"< {text}"
        )
        rows = (
            Row(submission("ada"), result=result(*(verdict(f"echo.{n}") for n in range(1, 6)))),
            Row(
                submission(f"bob {text}", late=True, superseded=(f"old {text}",)),
                result=result(
                    wrong,
                    verdict("echo.2", "not_attempted"),
                    repairs=[f"cell {n} {text}" for n in range(10)],
                    stopped=f"cell {text}",
                    seconds={"cells": 1.5, text: 0.5},
                ),
                resumed=False,
            ),
            Row(submission("cy", source=text), problem=f"{text} is not JSON"),
            Row(submission("dan", lesson=""), failed=f"ZeroDivisionError: {text}"),
        )
        named = dataclasses.replace(course, title=title) if title else course
        return Gradebook(named, rows, Options(None), RECEIVED, unsandboxed, RECEIVED, 12.34)

    return make
