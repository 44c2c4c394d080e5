"""A small course folder, and the `course` command in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_app.learner.progress import answer_cells
from course_app.manifest import Course, load
from course_app.nb.cells import Notebook
from course_app.nb.files import read, write
from tests.support.paths import ROOT

PATIENCE = 60.0


@pytest.fixture
def own(tmp_path: Path, fresh: Notebook) -> Course:
    """A course folder of this test's own, with an untouched exercise 02."""
    for name in ("solutions", "exercises", "notebooks"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "course.toml", tmp_path)
    shutil.copy(ROOT / "solutions" / "03_echo.ipynb", tmp_path / "solutions")
    write(tmp_path / "exercises" / "03_echo.ipynb", fresh)
    return load(tmp_path)


def course_command(own: Course, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "course_app.cli", *words],
        env={**os.environ, "COURSE_ROOT": str(own.root)},
        cwd=own.root,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


WRONG = "once_app = None\n"


def answer_echo_1(course: Course, source: str) -> None:
    path = course.exercise_path(course.lesson("echo"))
    nb = read(path)
    answer_cells(nb)["echo-1-stub"]["source"] = source
    write(path, nb)
