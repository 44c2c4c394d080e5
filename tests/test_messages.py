"""Texts of diagnoses: found by task, then by exercise, then among the common ones."""

from __future__ import annotations

import pytest

from course_app import messages
from course_app.errors import CourseError
from course_app.manifest import load
from course_app.messages import diagnosis, own_diagnoses, template, text
from tests.support.paths import ROOT


def test_a_tasks_own_text_comes_before_the_common_one(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "echo": {"1": {"x": "of the task"}, "all": {"x": "of the exercise", "y": "of {who}"}},
        "common": {"diagnosis": {"x": "common", "y": "common", "z": "two\n  lines"}, "interface": {}},
    }
    monkeypatch.setattr(messages, "_file", lambda name: files.get(name, {}))
    assert [template("echo.1", name) for name in "xyz"] == ["of the task", "of {who}", "two lines"]
    assert template("echo.2", "x") == "of the exercise"
    assert diagnosis("echo.1", "y", who="A") == "of A"
    assert own_diagnoses("echo.1") == ["x"] and own_diagnoses("echo.2") == []


def test_a_text_that_nobody_has_written_is_named() -> None:
    with pytest.raises(CourseError, match=r"no text for diagnosis 'nothing' of echo\.1; add it to .*/en/echo\.toml"):
        diagnosis("echo.1", "nothing")


def test_every_exercise_has_texts_of_its_own_for_its_tasks_only() -> None:
    for lesson in load(ROOT).exercises:
        numbers = {task.id.rpartition(".")[2] for task in lesson.tasks}
        assert set(messages._file(lesson.slug)) <= numbers | {"all"}, lesson.slug


def test_an_interface_text_is_filled_in() -> None:
    assert "echo.1" in text("no-solution-yet", task="echo.1")
