"""The bar of `course grade`: there on a terminal, nowhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course_app.nb.files import dumps

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a terminal of a test's own is a pty")


def grade(course, place: Path, stderr: int) -> subprocess.Popen[bytes]:
    words = ["grade", str(place / "in"), "--out", str(place / "out")]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    command = [sys.executable, "-m", "course_app.cli", *words]
    return subprocess.Popen(command, cwd=course.root, stdout=subprocess.DEVNULL, stderr=stderr, env=env)


@pytest.fixture
def three(fresh, tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in ("ada", "bob", "cy"):
        (tmp_path / "in" / f"{name}__03_echo.ipynb").write_text(dumps(fresh), encoding="utf-8")
    return tmp_path


def test_a_terminal_sees_how_many_are_graded_and_what_time_is_left(course, three: Path) -> None:
    ours, theirs = os.openpty()
    process = grade(course, three, theirs)
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:
        pass  # Linux says so when the other end has closed
    os.close(ours)
    assert process.wait(60) == 0
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", said).decode()
    assert "grading" in text and "3/3" in text and re.search(r"\d:\d\d:\d\d", text), text


def test_a_file_holds_no_bar(course, three: Path) -> None:
    with (three / "stderr").open("wb") as file:
        assert grade(course, three, file.fileno()).wait(60) == 0
    assert (three / "stderr").read_bytes() == b""
