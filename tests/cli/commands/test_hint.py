"""`course hint`: one level deeper with each call."""

from __future__ import annotations

import pytest

from course_app.cli import main
from course_app.manifest import Course


def test_unknown_task_is_one_line_with_the_nearest(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hint", "eco.1"]) == 2
    assert capsys.readouterr().err == "course: no task is called 'eco.1'; did you mean 'echo.1'?\n"


def test_hints_go_deeper_and_stop_at_the_last(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    hints = own_course.task("echo.1").hints
    for _ in range(len(hints) + 1):
        assert main(["hint", "echo.1"]) == 0
    said = capsys.readouterr().out
    assert [said.index(hint) for hint in hints] == sorted(said.index(hint) for hint in hints)
    assert "last hint" in said
