"""`course watch` on a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from course_app.manifest import Course
from course_app.nb.files import write

from .conftest import PATIENCE, course_command

pytestmark = pytest.mark.integration


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


@pytest.mark.parametrize(("word", "message"), [("start", "has no exercise"), ("eco", "did you mean 'echo'")])
def test_a_name_that_is_not_known(own, word, message):
    done = course_command(own, "watch", word)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
