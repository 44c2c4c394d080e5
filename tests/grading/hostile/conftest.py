"""One run of `course grade` over every story, shared by all workers of the suite."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from course_app.kernels.sandbox import availability, policy

from . import code, notebooks  # noqa: F401  -- they register their stories
from .story import COURSE, SOLVED, STORIES

GOOD = "good"
EVERY = 5
SECONDS = 900


class Graded:
    """What came of the run: `rows` by story, `good` ones that were graded among them, and the folder of reports."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.book = json.loads((out / "grades.json").read_text(encoding="utf-8"))
        self.rows: dict[str, Any] = {one["student"]: one for one in self.book["students"]}
        self.good = [one for name, one in self.rows.items() if name.startswith(GOOD)]
        self.log = (out / "run.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Graded:
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    place = shared / "hostile"
    with (shared / "hostile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "out" / "run.txt").is_file():
            shutil.rmtree(place, ignore_errors=True)  # of a worker that ended half-way
            hand_in(place / "in")
            run(place)
    return Graded(place / "out")


def hand_in(folder: Path) -> None:
    """Write every story, and good submissions among them."""
    for number, (name, story) in enumerate(sorted(STORIES.items())):
        (folder / name).mkdir(parents=True)
        story.make(folder / name)
        if number % EVERY == 0:
            good = folder / f"{GOOD}-{number}"
            good.mkdir()
            (good / "03_echo.ipynb").write_text(json.dumps(SOLVED), encoding="utf-8")


def run(place: Path) -> None:
    reason = availability.why_unavailable(policy.course_sandbox(COURSE.root))
    assert reason is None, f"the suite needs the sandbox: {reason}"
    words = [str(place / "in"), "--out", str(place / "out"), "--timeout", "4", "--whole-timeout", "8"]
    done = subprocess.run(
        [sys.executable, "-m", "course_app.cli", "grade", *words],
        cwd=COURSE.root,
        env={**os.environ, code.SECRET: code.SECRET_VALUE, "TMPDIR": str(place.parent), "COURSE_FORK_IDLE": "10"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (place / "out" / "run.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
