"""The page for those who teach: every task, every wrong idea that the checks know, and what is right as well."""

from __future__ import annotations

import pytest

from course_app.authoring.exercise_index import page
from course_app.errors import CourseError
from course_app.manifest import Task, load
from course_app.messages import own_diagnoses, template
from tests.support.paths import ROOT

COURSE = load(ROOT)
SECTIONS = page(COURSE).split("\n### ")


def section(task_id: str) -> str:
    return next(text for text in SECTIONS if text.startswith(f"{task_id} "))


@pytest.mark.parametrize("task", COURSE.tasks, ids=lambda task: task.id)
def test_every_wrong_idea_of_a_task_is_told_with_its_text(task: Task) -> None:
    text = section(task.id)
    number = task.id.rpartition(".")[2]
    answers = (ROOT / "tests" / "answers" / task.slug).glob(f"{number}__*")
    tried = {path.stem.split("__")[1] for path in answers} - {"right"}
    names = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    assert sorted(names) == sorted({*tried, *own_diagnoses(task.id)})
    for line in text.splitlines():
        if line.startswith("| `"):
            assert line.count(" | ") == 2 and not line.endswith("|  |"), line


def test_a_row_names_the_answers_and_fills_no_field() -> None:
    line = next(line for line in section("echo.1").splitlines() if line.startswith("| `no-prefix`"))
    assert line.startswith("| `no-prefix` | plain echo | Client A got its own text back, *got*.")
    assert "{" not in line


def test_an_exercise_says_what_it_is_for_and_what_it_leaves_out() -> None:
    for lesson in COURSE.exercises:
        assert lesson.goal and lesson.leaves_out, f"{lesson.slug} in course.toml"
        assert f"\n{lesson.goal}\n{lesson.leaves_out}\n" in page(COURSE)


def test_a_text_that_is_missing_is_named() -> None:
    with pytest.raises(CourseError, match="no text for diagnosis 'no-such' of echo.1"):
        template("echo.1", "no-such")
