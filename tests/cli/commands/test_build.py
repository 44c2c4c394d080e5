"""`course build`: stale files are shown, then written."""

from __future__ import annotations

import pytest

from course_app.cli import main
from course_app.manifest import Course

from .conftest import WRONG, answer_echo_1


def test_build_check_sees_a_stale_exercise(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--check"]) == 0
    answer_echo_1(own_course, WRONG)
    assert main(["build", "--check"]) == 1
    assert '-    "once_app = None' in capsys.readouterr().out
    assert main(["build"]) == 0
    assert main(["build", "--check"]) == 0
