"""`course check`, as a learner calls it."""

from __future__ import annotations

import json

import pytest

from course_app.nb.files import write

from .conftest import course_command

pytestmark = pytest.mark.integration


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
    ],
)
def test_a_name_that_is_not_known(own, words, message):
    done = course_command(own, *words)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
