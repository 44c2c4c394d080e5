"""grades.csv: points per task and total, and no formula."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from course_app.grading.reports import grades_csv
from course_app.grading.reports.grades_csv import harmless

from .conftest import MakeBook


def test_a_row_for_each_student_with_points_and_total(make_book: MakeBook, tmp_path: Path) -> None:
    grades_csv.write(make_book(), tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["student", "echo.1", "echo.2", "echo.3", "echo.4", "echo.5", "total"]
    assert rows == [
        ["ada", "2", "2", "3", "3", "1", "11"],
        ["bob plain", "0", "0", "0", "0", "0", "0"],
        ["cy", "0", "0", "0", "0", "0", "0"],
        ["dan", "0", "0", "0", "0", "0", "0"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["ada", "O'Neill", "a=b", ""])
def test_other_names_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
