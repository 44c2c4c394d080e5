"""Grading on a cluster: a lost worker loses no row, and doubles none."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter

import distributed
import pytest

from course_app import cli
from course_app.grading.resume_log import ResumeLog
from course_app.nb.files import dumps

pytestmark = pytest.mark.integration

STUDENTS = 10


def test_a_worker_killed_half_way_costs_no_row(course, solved, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(course.root))
    for number in range(STUDENTS):
        folder = tmp_path / "in" / f"student-{number}"
        folder.mkdir(parents=True)
        (folder / "03_echo.ipynb").write_text(dumps(solved), encoding="utf-8")

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        killed: list[int] = []
        seen: list[str] = []

        real = ResumeLog.add

        def add(self, key, result):
            seen.append(key)
            if len(seen) == 3 and not killed:
                victim = next(iter(cluster.workers.values()))
                killed.append(victim.process.pid)
                os.kill(victim.process.pid, signal.SIGKILL)
            real(self, key, result)

        monkeypatch.setattr(ResumeLog, "add", add)
        words = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--dask", cluster.scheduler_address]
        assert cli.main(["grade", *words]) == 0

    assert killed
    book = json.loads((tmp_path / "out" / "grades.json").read_text(encoding="utf-8"))
    assert Counter(one["student"] for one in book["students"]) == Counter(f"student-{n}" for n in range(STUDENTS))
    assert {one["total"] for one in book["students"]} == {book["max"]}
    assert all(len(one["submissions"]) == 1 for one in book["students"])


def test_an_address_where_nobody_answers(course, solved, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_ROOT", str(course.root))
    (tmp_path / "ada__03_echo.ipynb").write_text(dumps(solved), encoding="utf-8")
    words = [str(tmp_path), "--out", str(tmp_path / "out"), "--dask", "nonsense://nowhere"]
    assert cli.main(["grade", *words]) == 2
    assert "no Dask scheduler answers at nonsense://nowhere" in capsys.readouterr().err
