"""Worker processes: none outlives the grader, and none costs another row."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from course_app.nb.files import dumps


def test_a_grader_that_is_killed_leaves_nothing_running(course, put, tmp_path, short_path):
    (tmp_path / "in").mkdir()
    for name in ("ada", "bob"):
        nb = dumps(put(echo_1_stub="import time\ntime.sleep(600)"))
        (tmp_path / "in" / f"{name}__02_echo.ipynb").write_text(nb, encoding="utf-8")
    words = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--timeout", "300", "--whole-timeout", "600"]
    grader = subprocess.Popen(
        [sys.executable, "-m", "course_app.cli", "grade", *words, "--jobs", "2"],
        cwd=course.root,
        env={**os.environ, "TMPDIR": str(short_path), "COURSE_WARM_IDLE": "10"},
    )
    try:
        until(lambda: len(kernels(short_path)) == 2 and len(workers_of(grader.pid)) == 2)
        workers = workers_of(grader.pid)
    finally:
        grader.kill()
        grader.wait()
    until(lambda: not any(worker.is_running() and worker.status() != "zombie" for worker in workers))
    until(lambda: not kernels(short_path))


def workers_of(pid: int) -> list[psutil.Process]:
    return [one for one in psutil.Process(pid).children() if "course_app.cli" in one.cmdline()]


def kernels(folder: Path) -> list[Path]:
    return list(folder.glob("course-k-*"))


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
