"""`course collect`: a line per learner, and exit code 1 where a file was refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from course_app.cli import main
from course_app.manifest import Course, Lesson
from tests.support.hub import answer, exercise_of, make_homes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a hub runs on Linux and macOS only")


@pytest.fixture
def homes(built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(built.root)
    return make_homes(built, tmp_path / "homes")


@pytest.fixture
def lesson(built: Course) -> Lesson:
    return built.exercises[0]


def test_a_line_for_each_learner(
    homes: Path, lesson: Lesson, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(homes, "ada", lesson, "mine = 1")
    assert main(["collect", str(homes), "--out", str(tmp_path / "in"), "--exercise", lesson.slug]) == 0
    output = capsys.readouterr().out
    assert "ada: 1 collected\ngrace: 1 untouched\n" in output and "next: course grade" in output
    assert len(list((tmp_path / "in").rglob("*.ipynb"))) == 1


def test_a_refused_file_is_named_and_the_others_are_collected(
    homes: Path, lesson: Lesson, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(homes, "ada", lesson, "mine = 1")
    exercise_of(homes, "grace", lesson).unlink()
    exercise_of(homes, "grace", lesson).symlink_to(tmp_path / "elsewhere")
    assert main(["collect", str(homes), "--out", str(tmp_path / "in")]) == 1
    output = capsys.readouterr().out
    assert "ada: 1 collected\ngrace: 1 refused\n" in output and "is a link or cannot be read" in output


def test_an_unknown_exercise_is_one_line(homes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", str(homes), "--out", str(tmp_path / "in"), "--exercise", "nonsense"]) == 2
    assert capsys.readouterr().err.startswith("course: no lesson is called 'nonsense'")
