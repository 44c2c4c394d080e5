"""An exercise or a task starts anew, and what was there is backed up first."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.errors import CourseError
from course_app.learner import reset
from course_app.learner.progress import FRESH, PASSED, Progress, answer_cells, fingerprint, standing
from course_app.learner.reset import reset_exercise, reset_task
from course_app.manifest import Course
from course_app.nb.files import read, write

MINE = "mine = 1"


@pytest.fixture
def answered(built: Course) -> Path:
    """Return the exercise with an answer to each task, which passed and of which a hint was seen."""
    lesson = built.exercises[0]
    path = built.exercise_path(lesson)
    nb = read(path)
    for task in lesson.tasks:
        answer_cells(nb)[task.answer_cell]["source"] = MINE
        Progress.load(built.root).remember(task.id, outcome=PASSED, source=fingerprint(MINE), hints=1)
    write(path, nb)
    return path


def test_a_whole_exercise_is_fresh_and_its_hints_stay_seen(built: Course, answered: Path) -> None:
    lesson = built.exercises[0]
    before = answered.read_bytes()
    kept = reset_exercise(built, lesson)
    assert kept is not None and kept.read_bytes() == before
    state = Progress.load(built.root)
    assert set(standing(built, lesson, state).values()) == {FRESH}
    assert state.of(lesson.tasks[0].id)["hints"] == 1


def test_one_task_is_fresh_and_the_others_stay(built: Course, answered: Path) -> None:
    lesson = built.exercises[0]
    reset_task(built, lesson.tasks[0])
    found = standing(built, lesson, Progress.load(built.root))
    assert [found[task.id] for task in lesson.tasks[:2]] == [FRESH, PASSED]


def test_a_missing_exercise_is_written_without_a_backup(built: Course) -> None:
    lesson = built.exercises[0]
    built.exercise_path(lesson).unlink()
    assert reset_exercise(built, lesson) is None
    assert built.exercise_path(lesson).is_file()


def test_a_task_whose_cell_is_gone_is_named(built: Course, answered: Path) -> None:
    task = built.exercises[0].tasks[0]
    nb = read(answered)
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] != task.answer_cell]
    write(answered, nb)
    with pytest.raises(CourseError, match=f"has no cell {task.answer_cell}; `course reset sums` writes the whole"):
        reset_task(built, task)


def test_without_a_backup_nothing_is_changed(built: Course, answered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reset, "back_up", full)
    before = answered.read_bytes()
    with pytest.raises(CourseError, match="cannot be backed up .*No space left on device; nothing was changed"):
        reset_exercise(built, built.exercises[0])
    assert answered.read_bytes() == before
