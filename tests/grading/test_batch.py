"""A class: one row per submission, resumed where nothing has changed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from course_app.grading import batch
from course_app.grading.grade_bytes import Options
from course_app.kernels.sandbox import policy
from course_app.nb.files import dumps

pytestmark = pytest.mark.integration


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_another_time_limit_is_another_verdict(course, echo):
    one, other = (batch.canonical_hash(course, echo, Options(None, cell_seconds=seconds)) for seconds in (1.0, 2.0))
    sandboxed = batch.canonical_hash(course, echo, Options(policy.course_sandbox(course.root), cell_seconds=1.0))
    assert len({one, other, sandboxed}) == 3


def test_a_thousand_are_read_one_by_one_and_each_is_a_row(course, fresh, tmp_path):
    from course_app.grading import reports

    (tmp_path / "in").mkdir()
    for number in range(1000):
        (tmp_path / "in" / f"s{number:04d}__03_echo.ipynb").write_bytes(dumps(fresh).encode() + b" " * number)
    alive = []

    def run(jobs):
        for job in jobs:
            alive.append(len(job.load()))
            verdicts = [{"task": f"echo.{n}", "outcome": "passed", "diagnosis": "", "message": "", "expected": "",
                         "received": "", "seconds": 0.1} for n in range(1, 6)]  # fmt: skip
            yield job.key, {"result": {"verdicts": verdicts, "repairs": [], "stopped": "", "seconds": {"cells": 0.1}}}
            assert len(alive) == job.key + 1, "the next file was read before its turn"

    book = batch.grade(course, tmp_path / "in", tmp_path / "out", run, Options(None))
    reports.write_all(book, tmp_path / "out")
    table = rows(tmp_path / "out" / "grades.csv")
    assert len({row["student"] for row in table}) == 1000 and {row["total"] for row in table} == {"11"}
    assert len(list((tmp_path / "out" / "feedback").iterdir())) == 1000
