"""`course reset`: a fresh exercise or task, after a backup."""

from __future__ import annotations

import pytest

from course_app.cli import main
from course_app.learner.progress import answer_cells
from course_app.manifest import Course
from course_app.nb.files import read

from .conftest import WRONG, answer_echo_1


def test_reset_keeps_what_was_there(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    path = own_course.exercise_path(own_course.lesson("echo"))
    fresh = path.read_bytes()
    answer_echo_1(own_course, WRONG)
    mine = path.read_bytes()
    assert main(["reset", "echo.1"]) == 0
    assert answer_cells(read(path))["echo-1-stub"] == answer_cells(read_bytes(fresh))["echo-1-stub"]
    kept = own_course.root / capsys.readouterr().out.split(" is in ")[1].strip().rstrip(".")
    assert kept.read_bytes() == mine


def test_reset_of_a_whole_exercise_survives_a_broken_file(own_course: Course) -> None:
    path = own_course.exercise_path(own_course.lesson("echo"))
    fresh = path.read_bytes()
    path.write_text("{ not a notebook")
    assert main(["reset", "echo"]) == 0
    assert path.read_bytes() == fresh
    assert [one.read_text() for one in (own_course.root / ".course" / "backups").iterdir()] == ["{ not a notebook"]


def test_reset_of_a_lesson_without_exercise_says_so(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reset", "start"]) == 2
    assert "has no exercise" in capsys.readouterr().err


def read_bytes(data: bytes) -> dict[str, object]:
    from course_app.nb.files import parse

    return parse(data, "the fresh exercise")
