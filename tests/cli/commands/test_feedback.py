"""`course feedback`: a line per learner, and exit code 1 where a page has no folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from course_app.cli import main
from course_app.manifest import Course
from tests.support.hub import make_graded, make_homes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a hub runs on Linux and macOS only")


@pytest.fixture
def homes(built: Course, tmp_path: Path) -> Path:
    return make_homes(built, tmp_path / "homes")


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    return make_graded(tmp_path / "week-1")


def test_a_line_for_each_learner(homes: Path, graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feedback", str(graded), str(homes)]) == 0
    assert capsys.readouterr().out == "ada: feedback/week-1.html\ngrace: nothing graded\n"
    assert (homes / "ada" / "course" / "feedback" / "week-1.html").read_text() == "well done, ada"


def test_a_student_without_a_folder_is_named(homes: Path, graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(homes / "ada")
    assert main(["feedback", str(graded), str(homes)]) == 1
    assert f"no folder in {homes} for: ada" in capsys.readouterr().out


def test_what_is_no_graded_class_is_one_line(homes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feedback", str(tmp_path), str(homes)]) == 2
    assert "is not what `course grade --out` writes" in capsys.readouterr().err
