"""Lessons cannot rot: the whole program of a lesson is its app in `course_app/apps`, letter for letter."""

from __future__ import annotations

import ast

import pytest

from course_app.manifest import Lesson, load
from course_app.nb.files import read
from tests.support.paths import ROOT

COURSE = load(ROOT)
WITH_APP = [lesson for lesson in COURSE.lessons if lesson.app]


def without_docstring(source: str) -> str:
    """Return the source of a module from the first line after its docstring that is not blank."""
    first = ast.parse(source).body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    lines = source.splitlines()[first.end_lineno if is_docstring else 0 :]
    return "\n".join(lines).strip("\n")


def program(lesson: Lesson) -> str:
    """Return the source of the lesson's cell that holds the whole program."""
    cells = {cell["id"]: str(cell["source"]) for cell in read(COURSE.lesson_path(lesson))["cells"]}
    return cells[f"{lesson.number:02}-program-run"]


def test_without_docstring_keeps_everything_else() -> None:
    assert without_docstring('"""What it is."""\n\nimport os\n\n\nos.sep\n') == "import os\n\n\nos.sep"
    assert without_docstring("import os\n") == "import os"


@pytest.mark.parametrize("lesson", WITH_APP, ids=lambda lesson: lesson.stem)
def test_the_whole_program_is_the_app(lesson: Lesson) -> None:
    module = COURSE.root / "course_app" / "apps" / f"{lesson.app}.py"
    assert program(lesson).strip("\n") == without_docstring(module.read_text(encoding="utf-8"))
