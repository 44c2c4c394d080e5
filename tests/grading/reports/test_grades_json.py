"""grades.json: the whole gradebook, for programs."""

from __future__ import annotations

import json
from pathlib import Path

from course_app.grading.reports import grades_json

from .conftest import MakeBook


def test_everything_is_there_and_json(make_book: MakeBook, tmp_path: Path) -> None:
    book = make_book(unsandboxed="asked for")
    grades_json.write(
        book, tmp_path / "grades.json", {student: f"feedback/{student}.html" for student in book.students}
    )
    found = json.loads((tmp_path / "grades.json").read_text(encoding="utf-8"))
    assert (found["schema"], found["max"], found["sandboxed"], found["unsandboxed_because"]) == (
        1,
        11,
        False,
        "asked for",
    )
    assert [task["id"] for task in found["tasks"]] == [f"echo.{n}" for n in range(1, 6)]
    ada, bob, cy, dan = found["students"]
    assert (ada["total"], ada["points"]["echo.3"], ada["feedback"]) == (11, 3, "feedback/ada.html")
    assert bob["submissions"][0]["late"] and bob["submissions"][0]["superseded"] == ["old plain"]
    assert cy["submissions"][0]["problem"] == "plain is not JSON" and cy["submissions"][0]["result"] is None
    assert dan["submissions"][0]["failed"] == "ZeroDivisionError: plain"
