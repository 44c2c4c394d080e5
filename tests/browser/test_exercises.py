"""Every exercise in real JupyterLab: its solution passes, and it says what a learner should read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from course_app.manifest import Lesson, Task, load
from tests.support.paths import ROOT

from .desk import Notebook

COURSE = load(ROOT)
ANSWERS = ROOT / "tests" / "answers"
IN_README = "echo"
Open = Callable[[str], Notebook]

EXERCISES = [lesson for lesson in COURSE.exercises if COURSE.exercise_path(lesson).exists()]
every_exercise = pytest.mark.parametrize("lesson", EXERCISES, ids=lambda lesson: lesson.stem)


@every_exercise
def test_solution_passes_every_task(lesson: Lesson, open_notebook: Open) -> None:
    notebook = open_notebook(f"solutions/{lesson.stem}.ipynb")
    notebook.run_all()
    assert notebook.unexpected_errors() == []
    for task in lesson.tasks:
        assert notebook.text(f"{task.cell_prefix}-check").startswith("✔"), task.id


@every_exercise
def test_exercise_says_not_attempted_and_then_what_is_wrong(
    lesson: Lesson, open_notebook: Open, artefacts: Path, readme_images: Path
) -> None:
    notebook = open_notebook(f"exercises/{lesson.stem}.ipynb")
    notebook.run_all_from_menu()
    notebook.screenshot(artefacts / f"exercise-{lesson.stem}-fresh.png")
    assert notebook.errors() == []
    for task in lesson.tasks:
        assert notebook.text(f"{task.cell_prefix}-check").startswith("○"), task.id
    task, other = lesson.tasks[:2]
    notebook.edit(f"{task.cell_prefix}-stub", wrong_answer(task))
    for cell in (f"{task.cell_prefix}-stub", f"{task.cell_prefix}-check", f"{other.cell_prefix}-check"):
        notebook.run(cell)
    notebook.show(f"{task.cell_prefix}-check")
    notebook.screenshot((readme_images if lesson.slug == IN_README else artefacts) / f"{lesson.slug}-diagnosis.png")
    said = notebook.text(f"{task.cell_prefix}-check")
    verdict = said[said.index("✘") :] if "✘" in said else ""  # what the answer itself prints comes first
    assert verdict, said
    assert len(verdict.splitlines()) > 1, "the mark alone is no diagnosis"
    said = notebook.text(f"{other.cell_prefix}-check")
    expected = "○" if other.has_own_cell else "✘"
    assert said.startswith(expected), f"one wrong answer does not stop the others from being checked: {said}"


def wrong_answer(task: Task) -> str:
    """Return a named wrong answer, or an app without a route where answers are changes to a long program."""
    named = sorted(path for path in (ANSWERS / task.slug).glob("1__*.py") if "__right__" not in path.name)
    return named[0].read_text(encoding="utf-8") if named else f"{task.target} = FastAPI()"
