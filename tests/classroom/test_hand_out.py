"""The course in a learner's folder: it follows the original, and nothing that the learner wrote is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.classroom.hand_out import NEWS, RECORD, files, hand_out
from course_app.errors import CourseError
from course_app.manifest import Course, load


@pytest.fixture
def source(built: Course) -> Path:
    (built.root / "notebooks").mkdir(exist_ok=True)
    (built.root / "notebooks" / "01_sums.ipynb").write_text("lesson, first edition")
    return built.root


@pytest.fixture
def home(source: Path, tmp_path: Path) -> Path:
    place = tmp_path / "home" / "course"
    assert hand_out(source, place) == []
    return place


def exercise(root: Path) -> Path:
    course = load(root)
    return course.exercise_path(course.exercises[0])


def test_the_first_start_gives_everything(source: Path, home: Path) -> None:
    names = list(files(source))
    assert names and all((home / name).read_bytes() == (source / name).read_bytes() for name in names)
    assert load(home).tasks == load(source).tasks
    assert not (home / NEWS).exists()


def test_what_the_learner_left_alone_follows_the_course(source: Path, home: Path) -> None:
    (source / "notebooks" / "01_sums.ipynb").write_text("lesson, second edition")
    (source / "notebooks" / "02_new.ipynb").write_text("a new lesson")
    assert hand_out(source, home) == []
    assert (home / "notebooks" / "01_sums.ipynb").read_text() == "lesson, second edition"
    assert (home / "notebooks" / "02_new.ipynb").read_text() == "a new lesson"


def test_what_the_learner_wrote_stays_at_each_start(source: Path, home: Path) -> None:
    exercise(home).write_text("my answer")
    (home / "notebooks" / "01_sums.ipynb").write_text("my notes")
    (home / "mine.ipynb").write_text("my own notebook")
    for _ in range(2):
        assert hand_out(source, home) == []
    assert exercise(home).read_text() == "my answer"
    assert (home / "notebooks" / "01_sums.ipynb").read_text() == "my notes"
    assert (home / "mine.ipynb").read_text() == "my own notebook"


def test_a_lesson_that_both_changed_is_backed_up_and_then_new(source: Path, home: Path) -> None:
    lesson = home / "notebooks" / "01_sums.ipynb"
    lesson.write_text("my notes")
    (source / "notebooks" / "01_sums.ipynb").write_text("lesson, second edition")
    (update,) = hand_out(source, home)
    assert lesson.read_text() == "lesson, second edition"
    assert (home / update.kept).read_text() == "my notes"
    assert update.kept in (home / NEWS).read_text(encoding="utf-8")
    assert hand_out(source, home) == [], "told once"


def test_an_exercise_that_both_changed_is_the_learners(source: Path, home: Path) -> None:
    exercise(home).write_text("my answer")
    exercise(source).write_text("a new edition")
    (update,) = hand_out(source, home)
    assert exercise(home).read_text() == "my answer"
    assert f"`course reset {load(source).exercises[0].slug}`" in str(update)
    assert hand_out(source, home) == [] and exercise(home).read_text() == "my answer"


def test_what_was_deleted_comes_back(source: Path, home: Path) -> None:
    (home / "notebooks" / "01_sums.ipynb").unlink()
    assert hand_out(source, home) == []
    assert (home / "notebooks" / "01_sums.ipynb").exists()


@pytest.mark.parametrize("record", [None, "[]", "{ half a rec"])
def test_a_lost_record_loses_nothing_else(source: Path, home: Path, record: str | None) -> None:
    lesson = home / "notebooks" / "01_sums.ipynb"
    lesson.write_text("my notes")
    exercise(home).write_text("my answer")
    (home / RECORD).unlink()
    if record is not None:
        (home / RECORD).write_text(record)
    updates = {update.file: update for update in hand_out(source, home)}
    assert exercise(home).read_text() == "my answer"
    assert (home / updates["notebooks/01_sums.ipynb"].kept).read_text() == "my notes"


def test_a_folder_in_the_way_is_one_line(source: Path, tmp_path: Path) -> None:
    (tmp_path / "blocked" / "course.toml").mkdir(parents=True)
    with pytest.raises(CourseError, match=r"course\.toml cannot be handed out") as caught:
        hand_out(source, tmp_path / "blocked")
    assert "\n" not in str(caught.value)
