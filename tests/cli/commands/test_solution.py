"""`course solution`: only after passing, or when asked twice."""

from __future__ import annotations

import pytest

from course_app.cli import main
from course_app.manifest import Course


def test_solution_only_when_asked_twice(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solution", "echo.1"]) == 1
    assert "receive_text" not in capsys.readouterr().out
    assert main(["solution", "echo.1"]) == 0
    shown = capsys.readouterr().out
    assert "receive_text" in shown and "SOLUTION" not in shown
