"""Words of the command line become notebooks with their tasks."""

from __future__ import annotations

import pytest

from course_app.cli.check_targets import Target, targets
from course_app.errors import CourseError
from course_app.manifest import Course
from course_app.nb.files import read, write


def test_without_words_every_exercise_that_exists_is_meant(built: Course) -> None:
    lesson = built.exercises[0]
    assert targets(built, []) == [Target(built.exercise_path(lesson), lesson)]
    built.exercise_path(lesson).unlink()
    with pytest.raises(CourseError, match="`course reset SLUG` writes one anew"):
        targets(built, [])


def test_tasks_of_one_exercise_are_one_target_in_the_courses_order(built: Course) -> None:
    lesson = built.exercises[0]
    one, two, *_ = lesson.tasks
    assert targets(built, [two.id, one.id]) == [Target(built.exercise_path(lesson), lesson, (one, two))]


@pytest.mark.parametrize("words", [["sums.1", "sums"], ["sums", "sums.1"], ["01_sums"]])
def test_a_whole_exercise_includes_its_tasks(built: Course, words: list[str]) -> None:
    (target,) = targets(built, words)
    assert target.tasks is None


def test_a_file_of_any_name_is_its_exercise(built: Course) -> None:
    lesson = built.exercises[0]
    mine = built.root / "mine.ipynb"
    write(mine, read(built.exercise_path(lesson)))
    assert targets(built, [str(mine)]) == [Target(mine, lesson)]


@pytest.mark.parametrize(
    ("word", "message"),
    [("sum", "did you mean 'sums'"), ("sums.9", "did you mean 'sums.2'"), ("no.ipynb", "does not exist")],
)
def test_a_word_that_is_nothing_is_named(built: Course, word: str, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        targets(built, [word])
