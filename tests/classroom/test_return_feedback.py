"""Feedback pages go to their learners, and through no link."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from course_app.classroom.learner_folders import learner_folders as learners
from course_app.classroom.return_feedback import return_feedback
from course_app.errors import CourseError
from tests.support.hub import make_graded

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a hub runs on Linux and macOS only")


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """Return the folder of a graded class."""
    return make_graded(tmp_path / "week-1")


def test_each_learner_gets_their_own_page(homes: Path, graded: Path) -> None:
    assert return_feedback(graded, learners(homes)) == {"ada": "feedback/week-1.html", "grace": "nothing graded"}
    assert (homes / "ada" / "course" / "feedback" / "week-1.html").read_text() == "well done, ada"
    assert not (homes / "grace" / "course" / "feedback").exists()


def test_an_earlier_page_stays_and_the_same_one_is_replaced(homes: Path, graded: Path) -> None:
    return_feedback(graded, learners(homes))
    (graded / "feedback" / "ada-2.html").write_text("better still")
    return_feedback(graded, learners(homes))
    later = graded.rename(graded.with_name("week-2"))
    return_feedback(later, learners(homes))
    pages = sorted(path.name for path in (homes / "ada" / "course" / "feedback").iterdir())
    assert pages == ["week-1.html", "week-2.html"]
    assert (homes / "ada" / "course" / "feedback" / "week-1.html").read_text() == "better still"


def test_feedback_is_never_written_through_a_link(homes: Path, graded: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (homes / "ada" / "course" / "feedback").symlink_to(tmp_path / "etc")
    assert "link" in return_feedback(graded, learners(homes))["ada"]
    assert list((tmp_path / "etc").iterdir()) == []
    (homes / "ada" / "course" / "feedback").unlink()

    precious = tmp_path / "precious.html"
    precious.write_text("precious")
    (homes / "ada" / "course" / "feedback").mkdir()
    (homes / "ada" / "course" / "feedback" / "week-1.html").symlink_to(precious)
    assert return_feedback(graded, learners(homes))["ada"] == "feedback/week-1.html"
    assert precious.read_text() == "precious", "the link gives way, not what it points at"


def test_what_is_no_gradebook_is_one_line(homes: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="is not what `course grade --out` writes"):
        return_feedback(tmp_path, learners(homes))
