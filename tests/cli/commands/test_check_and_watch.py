"""`course check` and `course watch`, as a learner calls them."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_app.manifest import Course, load
from course_app.nb.cells import Notebook
from course_app.nb.files import write
from tests.support.paths import ROOT

PATIENCE = 60.0


@pytest.fixture
def own(tmp_path: Path, fresh: Notebook) -> Course:
    """A course folder of this test's own, with an untouched exercise 03."""
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


def test_a_fresh_exercise_is_not_passed_and_says_so_in_plain_words(own):
    done = course_command(own, "check", "echo")
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[:2] == ["not attempted echo.1", "not attempted echo.2"]
    assert "\x1b" not in done.stdout


def test_a_solved_exercise_passes_and_is_remembered(own, solved):
    write(own.exercise_path(own.lesson("echo")), solved)
    done = course_command(own, "check")
    assert (done.returncode, done.stdout.split()) == (0, [w for n in range(1, 6) for w in ("passed", f"echo.{n}")])
    state = json.loads((own.root / ".course" / "state.json").read_text())
    assert state["tasks"]["echo.5"]["outcome"] == "passed"


def test_one_task_as_json(own, put):
    write(own.exercise_path(own.lesson("echo")), put(echo_2_stub="every_app = 1"))
    done = course_command(own, "check", "echo.2", "--json")
    [row] = json.loads(done.stdout)
    assert done.returncode == 1
    assert [verdict["task"] for verdict in row["verdicts"]] == ["echo.2"]
    assert row["verdicts"][0]["outcome"] == "failed"
    assert row["file"].endswith("03_echo.ipynb")


def test_a_file_of_any_name_is_known_by_its_cells(own, solved, tmp_path):
    write(tmp_path / "mine.ipynb", solved)
    assert course_command(own, "check", "mine.ipynb", "--cold").returncode == 0
    assert not (own.root / ".course" / "state.json").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.ipynb", None, "does not exist"),
        ("folder.ipynb", "folder", "is a folder"),
        ("text.ipynb", "hello", "is not JSON"),
        ("empty.ipynb", "", "is empty"),
        ("list.ipynb", "[]", "list.ipynb"),
        ("other.ipynb", '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "no exercise of this"),
    ],
)
def test_what_is_no_exercise_gets_one_line(own, name, content, message):
    path = own.root / name
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    done = course_command(own, "check", name)
    assert done.returncode == 2
    assert message in done.stderr and name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", "echo.9"], "did you mean"),
        (["check", "eco"], "did you mean 'echo'"),
        (["check", "start"], "has no exercise"),
        (["watch", "start"], "has no exercise"),
        (["watch", "eco"], "did you mean 'echo'"),
    ],
)
def test_a_name_that_is_not_known(own, words, message):
    done = course_command(own, *words)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


class Session:
    """`course watch` on a terminal."""

    def __init__(self, own: Course) -> None:
        self.path = own.exercise_path(own.lesson("echo"))
        master, slave = pty.openpty()
        self.master = master
        self.process = subprocess.Popen(
            [sys.executable, "-m", "course_app.cli", "watch", "echo"],
            env={**os.environ, "COURSE_ROOT": str(own.root), "TERM": "xterm"},
            cwd=own.root,
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        self.seen = ""

    def until(self, *texts: str) -> str:
        """Wait until a screen holds all these texts, and return that screen."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.seen.rpartition("\x1b[2J")[2]
            if all(text in screen for text in texts):
                self.seen = ""
                return screen
            assert time.monotonic() < deadline, (texts, self.seen[-3000:])
            if select.select([self.master], [], [], 0.2)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")

    def press(self, key: str) -> None:
        os.write(self.master, key.encode())


@pytest.fixture
def session(own: Course) -> Iterator[Session]:
    one = Session(own)
    yield one
    one.process.kill()
    one.process.wait()
    os.close(one.master)


def test_a_session_of_watch(session, own, solved, put):
    session.until("0 of 5", "not attempted yet", "Next: echo.1", "q quit")
    session.press("h")
    session.until("(1 of 3)")
    write(session.path, put(echo_1_stub="once_app = ("))
    session.until("4 of 5", "echo-1-stub raised SyntaxError")
    whole = session.path.read_bytes()
    session.path.write_bytes(whole[: len(whole) // 2])
    session.until("is not JSON", "Waiting for the next save")
    session.path.unlink()
    session.until("does not exist")
    write(session.path, solved)
    session.until("5 of 5", "Every task of 03_echo passes.", "Next: open notebooks/04_")
    session.press("l")
    session.until("03_echo", "5 of 5", "03_")
    session.press("r")
    session.until("r once more")
    session.press("r")
    session.until("0 of 5", "not attempted yet")
    assert len(list((own.root / ".course" / "backups").iterdir())) == 1
    session.press("q")
    assert session.process.wait(PATIENCE) == 0


def test_half_a_file_that_is_completed_at_once_is_never_complained_about(session, put):
    session.until("0 of 5", "q quit")
    write(session.path, put())
    whole = session.path.read_bytes()
    session.path.write_bytes(whole[:1000])
    time.sleep(0.1)
    session.path.write_bytes(whole)
    assert "not JSON" not in session.until("5 of 5")
