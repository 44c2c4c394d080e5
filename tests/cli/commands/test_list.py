"""`course list`: progress of lessons and tasks."""

from __future__ import annotations

import json

import pytest

from course_app.cli import main
from course_app.manifest import Course

from .conftest import WRONG, answer_echo_1


def test_list_tells_fresh_attempted_and_passed(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "echo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["tasks"]["echo.1"] == "fresh"
    answer_echo_1(own_course, WRONG)
    main(["list", "echo", "--json"])
    assert json.loads(capsys.readouterr().out)[0]["tasks"]["echo.1"] == "attempted"
