"""course.toml becomes frozen dataclasses, or one line that says what is wrong, where, and what to do."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from course_app import manifest
from course_app.errors import CourseError, ManifestError
from course_app.manifest import Course
from tests.support.paths import ROOT

LESSON = """
[[lesson]]
number = 1
slug = "one"
title = "One"
minutes = 5
needs = []
objectives = ["Do it"]
"""
TASK = """
[[lesson.task]]
title = "Task"
target = "app"
points = 2
hints = ["Why?"]
"""
GOOD = f'title = "Course"\n{LESSON}{TASK}'


def load(folder: Path, text: str) -> Course:
    (folder / "course.toml").write_text(text, encoding="utf-8")
    return manifest.load(folder)


def test_tables_become_dataclasses(tmp_path: Path) -> None:
    course = load(tmp_path, GOOD + TASK + "stretch = true\n")
    (lesson,) = course.lessons
    assert (course.title, course.root, lesson.stem, lesson.app) == ("Course", tmp_path, "01_one", None)
    assert [(task.id, task.slug, task.cell_prefix, task.stretch) for task in course.tasks] == [
        ("one.1", "one", "one-1", False),
        ("one.2", "one", "one-2", True),
    ]
    assert course.exercises == (lesson,)
    assert course.exercise_path(lesson) == tmp_path / "exercises" / "01_one.ipynb"
    assert course.solution_path(lesson) == tmp_path / "solutions" / "01_one.ipynb"
    assert course.lesson_path(lesson) == tmp_path / "notebooks" / "01_one.ipynb"
    with pytest.raises(FrozenInstanceError):
        lesson.title = "Other"  # type: ignore[misc]


def test_tasks_may_share_the_cell_of_the_answer(tmp_path: Path) -> None:
    tasks = load(tmp_path, f"{GOOD}{TASK}cell = 1\n{TASK}").tasks
    assert [(task.cell_prefix, task.answer_cell, task.has_own_cell) for task in tasks] == [
        ("one-1", "one-1-stub", True),
        ("one-2", "one-1-stub", False),
        ("one-3", "one-3-stub", True),
    ]


def test_lessons_and_tasks_are_found_by_name(sums: Course) -> None:
    assert sums.lesson("sums") is sums.lesson("01_sums") is sums.lesson_of("sums.2")
    assert sums.task("sums.2").points == 3


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda course: course.lesson("sum"), "no lesson is called 'sum'; did you mean 'sums'?"),
        (lambda course: course.task("sums.9"), "no task is called 'sums.9'; did you mean 'sums."),
        (lambda course: course.task("xyz"), "no task is called 'xyz'; `course list` shows them all"),
    ],
)
def test_unknown_name_suggests_the_nearest(sums: Course, ask: object, said: str) -> None:
    with pytest.raises(CourseError) as caught:
        ask(sums)  # type: ignore[operator]
    assert str(caught.value).startswith(said)


BAD = {
    "toml": ("title = ", "course.toml is not valid TOML: "),
    "no title": (LESSON, "course.toml: key 'title' is missing"),
    "no lessons": ('title = "T"', "has no [[lesson]]; add at least one"),
    "one lesson": ('title = "T"\nlesson = 3', "course.toml: key 'lesson' must be a list of tables"),
    "top key": (f"colour = 1\n{GOOD}", "course.toml: key 'colour' is unknown; known are lesson, title"),
    "no slug": (GOOD.replace('slug = "one"', ""), "[[lesson]] number 1: key 'slug' is missing"),
    "odd slug": (GOOD.replace('"one"', '"The One"'), "key 'slug' is 'The One'; use one to three words"),
    "path slug": (GOOD.replace('"one"', '"../one"'), "key 'slug' is '../one'; use one to three words"),
    "number": (GOOD.replace("number = 1", "number = 100"), "(one): key 'number' is 100; it must lie between 0 and 99"),
    "type": (GOOD.replace("minutes = 5", 'minutes = "5"'), "(one): key 'minutes' must be int, not str"),
    "truth": (GOOD.replace("minutes = 5", "minutes = true"), "key 'minutes' must be int, not bool"),
    "list": (GOOD.replace("needs = []", "needs = [1]"), "(one): key 'needs' must be a list of strings"),
    "lesson key": (
        GOOD.replace("needs = []", "needs = []\nhours = 1"),
        "(one): key 'hours' is unknown; known are app,",
    ),
    "departs": (
        GOOD.replace("needs = []", 'needs = []\ndeparts = { words = " " }'),
        "(one): key 'departs': give 'words' a reason as text",
    ),
    "need": (
        GOOD.replace("needs = []", 'needs = ["on"]'),
        "key 'needs' names 'on', which is no lesson; did you mean 'one'?",
    ),
    "task key": (f"{GOOD}point = 1", "(one): task 1: key 'point' is unknown"),
    "one task": (GOOD.replace("[[lesson.task]]", "[lesson.task]"), "(one): key 'task' must be a list of tables"),
    "points": (GOOD.replace("points = 2", "points = -1"), "task 1: key 'points' is -1; it must lie between 0 and 100"),
    "target": (GOOD.replace('"app"', '"my app"'), "task 1: key 'target' is 'my app', which is no name"),
    "no hints": (GOOD.replace('["Why?"]', "[]"), "task 1: key 'hints' has 0 entries; give one to three"),
    "hints": (GOOD.replace('["Why?"]', '["1", "2", "3", "4"]'), "key 'hints' has 4 entries"),
    "cell of none": (
        f"{GOOD}{TASK}cell = 7",
        "key 'cell' of one.2 is 7; name a task before it whose own cell defines app",
    ),
    "cell too late": (f"{GOOD}cell = 2\n{TASK}", "key 'cell' of one.1 is 2; name a task before it"),
    "cell of another name": (f"{GOOD}{TASK.replace('app', 'other')}cell = 1", "key 'cell' of one.2 is 1"),
    "same number": (GOOD + LESSON.replace('"one"', '"two"'), "lesson number 1 is used twice"),
    "same slug": (GOOD + LESSON.replace("number = 1", "number = 2"), "slug one is used twice"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_bad_manifest_gets_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load(tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path / "course.toml") in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_manifest_that_is_not_text_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(ManifestError, match="is not UTF-8 text"):
        manifest.load(tmp_path)


def test_missing_manifest_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="course.toml cannot be read: No such file"):
        manifest.load(tmp_path)


def test_a_change_is_seen_at_once(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).title == "Course"
    load(tmp_path, GOOD.replace("Course", "Other"))
    os.utime(tmp_path / "course.toml", ns=(1, 1))
    assert manifest.load(tmp_path).title == "Other"


def test_root_is_found_upwards_or_by_name(sums: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_ROOT", raising=False)
    assert manifest.find_root(sums.root / "exercises") == sums.root
    monkeypatch.setenv("COURSE_ROOT", str(sums.root))
    assert manifest.find_root(Path("/")) == sums.root
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    with pytest.raises(ManifestError, match="unset it or point it at the course"):
        manifest.find_root()


def test_outside_any_course_the_one_beside_the_package_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_ROOT", raising=False)
    assert (manifest.find_root(tmp_path) / "course_app" / "manifest.py").is_file()


def test_the_courses_own_manifest_is_sound() -> None:
    course = manifest.load(ROOT)
    order = [lesson.number for lesson in course.lessons]
    assert order == sorted(order)
    seen: set[str] = set()
    for lesson in course.lessons:
        assert set(lesson.needs) <= seen, f"{lesson.slug} needs a lesson that comes later"
        seen.add(lesson.slug)
    assert [task.id for task in course.tasks if "?" not in task.hints[0]] == [], "the first hint is a question"
