"""Worker processes: none outlives the grader, and none costs another row."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from course_app.grading import workers
from course_app.grading.grade_bytes import Options
from course_app.grading.workers import Job, graded, run_jobs
from course_app.nb.files import dumps

pytestmark = pytest.mark.integration


def test_a_grader_that_is_killed_leaves_nothing_running(course, put, tmp_path, short_path):
    (tmp_path / "in").mkdir()
    for name in ("ada", "bob"):
        nb = dumps(put(echo_1_stub="import time\ntime.sleep(600)"))
        (tmp_path / "in" / f"{name}__03_echo.ipynb").write_text(nb, encoding="utf-8")
    words = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--timeout", "300", "--whole-timeout", "600"]
    grader = subprocess.Popen(
        [sys.executable, "-m", "course_app.cli", "grade", *words, "--jobs", "2"],
        cwd=course.root,
        env={**os.environ, "TMPDIR": str(short_path), "COURSE_WARM_IDLE": "10"},
    )
    try:
        until(lambda: len(kernels(short_path)) == 2 and len(workers_of(grader.pid)) == 2)
        processes = workers_of(grader.pid)
    finally:
        grader.kill()
        grader.wait()
    until(lambda: not any(process.is_running() and process.status() != "zombie" for process in processes))
    until(lambda: not kernels(short_path))


def workers_of(pid: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(pid).children() if "course_app.cli" in child.cmdline()]


def kernels(folder: Path) -> list[Path]:
    return list(folder.glob("course-k-*"))


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_the_grader_itself_raises_is_a_failure_with_its_name(course, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(workers, "grade_bytes", broken)
    assert graded(course, "03_echo", b"", "a.ipynb", Options(None)) == {"failed": "ZeroDivisionError: oh"}


@pytest.mark.skipif(sys.platform != "linux", reason="a patch reaches forked workers only")
def test_each_job_gets_one_verdict_and_one_that_dies_costs_its_own_only(course, monkeypatch):
    def fake(_course, stem, data, name, *_):
        if name == "b":
            os._exit(9)
        return {"problem": f"{stem} {name} {len(data)}"}

    def unreadable() -> bytes:
        raise OSError("it has vanished")

    monkeypatch.setattr(workers, "grade_bytes", fake)
    jobs = [Job(n, "03_echo", name, functools.partial(bytes, n)) for n, name in enumerate("abc")]
    verdicts = dict(run_jobs(course, iter([*jobs, Job(3, "03_echo", "d", unreadable)]), Options(None), workers=2))
    assert verdicts == {
        0: {"problem": "03_echo a 0"},
        1: {"failed": "the grader's own process ended (exit code 9)"},
        2: {"problem": "03_echo c 2"},
        3: {"problem": "it has vanished"},
    }


@pytest.mark.skipif(sys.platform != "linux", reason="a patch reaches forked workers only")
def test_a_worker_that_hangs_is_given_up(course, monkeypatch):
    monkeypatch.setattr(workers, "grade_bytes", lambda *_: time.sleep(600))
    monkeypatch.setattr(workers, "_MARGIN_SECONDS", 0.0)
    ((_, verdict),) = run_jobs(
        course, iter([Job(0, "03_echo", "a", bytes)]), Options(None, whole_seconds=0.2), workers=1
    )
    assert verdict == {"failed": "the grader gave this submission up: it took too long"}


@pytest.mark.parametrize("many", [1, 2, 3, 7])
def test_no_more_kernels_are_started_ahead_than_submissions_come(course, monkeypatch, many):
    told: list[bool] = []

    class Pool(workers._Pool):
        def give(self, job: Job, data: bytes, later: int) -> None:
            super().give(job, data, later)
            told.append(self.busy[-1].prelaunches)

    monkeypatch.setattr(workers, "_Pool", Pool)
    monkeypatch.setattr(workers, "grade_bytes", lambda *_: {"problem": "none"})
    jobs = iter([Job(number, "03_echo", "x", lambda: b"") for number in range(many)])
    done = dict(run_jobs(course, jobs, Options(None), 2))
    assert sorted(done) == list(range(many))
    assert len(told) == many and sum(told) == max(0, many - 2)
