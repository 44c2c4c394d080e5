"""Progress comes from the notebooks; the state file only adds comfort."""

from __future__ import annotations

from course_app.learner.progress import ATTEMPTED, FRESH, PASSED, Progress, answer_cells, fingerprint, standing
from course_app.manifest import Course
from course_app.nb.files import read, write


def with_answer(course: Course, source: str, output: str = "") -> None:
    lesson = course.exercises[0]
    path = course.exercise_path(lesson)
    nb = read(path, strict=False)
    cells = answer_cells(nb)
    prefix = lesson.tasks[0].cell_prefix
    cells[f"{prefix}-stub"]["source"] = source
    if output:
        cells[f"{prefix}-check"]["outputs"] = [
            {"output_type": "execute_result", "data": {"text/plain": output}, "metadata": {}, "execution_count": 1}
        ]
    write(path, nb)


def first(course: Course) -> str:
    lesson = course.exercises[0]
    return standing(course, lesson, Progress.load(course.root))[lesson.tasks[0].id]


def test_an_untouched_exercise_is_fresh(built: Course) -> None:
    assert first(built) == FRESH


def test_a_saved_tick_counts_without_a_state_file(built: Course) -> None:
    with_answer(built, "x = 1", f"✔ {built.tasks[0].id}")
    assert first(built) == PASSED


def test_a_change_after_passing_is_an_attempt_again(built: Course) -> None:
    with_answer(built, "x = 1")
    Progress.load(built.root).remember(built.tasks[0].id, outcome=PASSED, source=fingerprint("x = 1"))
    assert first(built) == PASSED
    with_answer(built, "x = 2")
    assert first(built) == ATTEMPTED


def test_a_broken_or_deleted_state_file_is_an_empty_one(built: Course) -> None:
    state = Progress.load(built.root)
    state.remember(built.tasks[0].id, hints=2)
    assert Progress.load(built.root).of(built.tasks[0].id) == {"hints": 2}
    state.path.write_text("{")
    assert Progress.load(built.root).tasks == {}
    state.path.unlink()
    assert first(built) == FRESH
