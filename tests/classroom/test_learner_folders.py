"""Learners' folders: no link is one, and no link is followed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from course_app.classroom.learner_folders import LearnerFolder, learner_folders, read, write
from course_app.errors import CourseError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a hub runs on Linux and macOS only")


def test_a_home_that_is_a_link_is_nobodys(homes: Path, tmp_path: Path) -> None:
    (homes / "mallory").symlink_to(homes / "ada")
    (homes / "eve").mkdir()
    (homes / "eve" / "course").symlink_to(homes / "ada" / "course")
    assert [learner.user for learner in learner_folders(homes)] == ["ada", "grace"]
    with pytest.raises(CourseError, match="no folder in"):
        learner_folders(homes, "elsewhere")
    with pytest.raises(CourseError, match="is no folder"):
        learner_folders(tmp_path / "nowhere")


@pytest.fixture
def ada(homes: Path) -> LearnerFolder:
    return next(learner for learner in learner_folders(homes) if learner.user == "ada")


def test_a_written_file_is_read_again_and_nothing_else_is_left(ada: LearnerFolder) -> None:
    write(ada, "feedback/week-1.html", b"one")
    write(ada, "feedback/week-1.html", b"two")
    assert read(ada, "feedback/week-1.html", 10) == b"two"
    assert [path.name for path in (ada.path / "feedback").iterdir()] == ["week-1.html"]


def test_a_file_that_is_missing_or_too_large_is_an_error(ada: LearnerFolder) -> None:
    with pytest.raises(FileNotFoundError):
        read(ada, "feedback/none.html", 10)
    write(ada, "feedback/big.html", b"x" * 11)
    with pytest.raises(CourseError, match=r"ada: feedback/big\.html has more than 10 bytes"):
        read(ada, "feedback/big.html", 10)


def test_no_link_of_the_path_is_followed(ada: LearnerFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_text("secret")
    (ada.path / "folder").symlink_to(tmp_path / "elsewhere")
    (ada.path / "file").symlink_to(tmp_path / "elsewhere" / "secret")
    with pytest.raises(CourseError, match="folder is a link or no folder"):
        read(ada, "folder/secret", 100)
    with pytest.raises(CourseError, match="file is a link or cannot be read"):
        read(ada, "file", 100)
    with pytest.raises(CourseError, match="folder is a link or no folder"):
        write(ada, "folder/page.html", b"x")
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["secret"]
