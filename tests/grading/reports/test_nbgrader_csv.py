"""nbgrader.csv: the columns of `nbgrader export`."""

from __future__ import annotations

import csv
import inspect
from pathlib import Path

import pytest

from course_app.grading.reports import nbgrader_csv
from course_app.grading.reports.nbgrader_csv import COLUMNS

from .conftest import MakeBook

pytestmark = pytest.mark.integration


def test_the_export_has_nbgraders_columns() -> None:
    from nbgrader.plugins.export import CsvExportPlugin

    source = inspect.getsource(CsvExportPlugin.export)
    keys = source.partition("keys = [")[2].partition("]")[0]
    assert [word.strip().strip('"') for word in keys.split(",") if word.strip()] == list(COLUMNS)


def test_a_row_per_exercise_and_student(make_book: MakeBook, tmp_path: Path) -> None:
    nbgrader_csv.write(make_book(), tmp_path / "nbgrader.csv")
    with (tmp_path / "nbgrader.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["ada", "bob plain", "cy", "dan"]
    ada, dan = rows["ada"], rows["dan"]
    assert (ada["assignment"], ada["score"], ada["max_score"]) == ("03_echo", "11.0", "11.0")
    assert (ada["duedate"], ada["timestamp"]) == ("2026-03-01 12:30:00", "2026-03-01 12:30:00")
    assert (dan["score"], dan["timestamp"]) == ("0.0", ""), "who handed nothing in has zero points"
