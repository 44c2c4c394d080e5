"""Exercises are solutions with every answer replaced by a stub."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from course_app.errors import NotebookError
from course_app.nb.cells import Notebook
from course_app.nb.derive import answer_only, derive

B, E = "### BEGIN SOLUTION", "### END SOLUTION"


def source_of(nb: Notebook) -> str:
    return str(nb["cells"][0]["source"])


@pytest.mark.parametrize(
    ("solution", "stub"),
    [
        (f"{B}\nx = 1\n{E}", "...  # your code here"),
        (f"def f():\n    {B}\n    if True:\n        return 1\n    {E}", "def f():\n    ...  # your code here"),
        (f"a = 1\nwhile a:\n\t{B}\n\tbreak\n\t{E}\nb = 2\n", "a = 1\nwhile a:\n\t...  # your code here\nb = 2"),
        (f"a = 1\n\n{B}  \n\nb = 2\n\n{E}\n\nc = 3", "a = 1\n\n...  # your code here\n\nc = 3"),
    ],
)
def test_region_becomes_a_stub_at_its_indentation(make: Any, solution: str, stub: str) -> None:
    assert source_of(derive(make.answer(solution))) == stub


BAD = {
    "nested": (f"{B}\n1\n{B}\n2\n{E}\n{E}", f"nb: cell x-1-stub: {B} inside a region (line 3)"),
    "unclosed": (f"x\n{B}\n1", f"{B} (line 2) is never closed"),
    "stray end": (f"1\n{E}", f"{E} without {B} (line 2)"),
    "end twice": (f"{B}\n1\n{E}\n{E}", f"{E} without {B} (line 4)"),
    "end first": (f"{E}\n{B}\n1\n{E}", f"{E} without {B} (line 1)"),
    "two regions": (f"{B}\n1\n{E}\n{B}\n2\n{E}", "has more than one region (line 4)"),
    "no region": ("x = 1", "is marked as a solution but has no region"),
    "empty region": (f"{B}\n\n{E}", "nothing stands between"),
    "one hash": (f"# BEGIN SOLUTION\n1\n{E}", "'# BEGIN SOLUTION' is no marker (line 1)"),
    "small letters": (f"### begin solution\n1\n{E}", "'### begin solution' is no marker"),
    "behind code": (f"x = 1  {B}\n2\n{E}", "is no marker (line 1)"),
}


@pytest.mark.parametrize(("source", "said"), BAD.values(), ids=BAD.keys())
def test_wrong_markers_are_errors_that_name_file_and_cell(make: Any, source: str, said: str) -> None:
    with pytest.raises(NotebookError) as caught:
        derive(make.answer(source), "nb")
    assert said in str(caught.value)
    assert str(caught.value).startswith("nb: cell x-1-stub")


def test_markers_outside_solution_cells_are_errors(make: Any) -> None:
    with pytest.raises(NotebookError, match="nb: cell a: '### BEGIN SOLUTION' in a cell that is not marked"):
        derive(make.notebook(make.code("a", f"{B}\n1\n{E}")), "nb")
    with pytest.raises(NotebookError, match="not marked as a solution"):
        derive(make.notebook(make.markdown("a", B)), "nb")
    with pytest.raises(NotebookError, match="is no code cell"):
        derive(make.notebook(make.markdown("a", B, nbgrader={"solution": True})), "nb")


def test_exercise_was_never_run_and_keeps_the_marks(solution: Notebook) -> None:
    cells = derive(solution)["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] is None and cell["outputs"] == [] for cell in code)
    assert [cell["id"] for cell in cells] == [cell["id"] for cell in solution["cells"]]
    assert [cell["metadata"] for cell in cells] == [cell["metadata"] for cell in solution["cells"]]


def test_exercise_fixture_is_what_derive_makes(solution: Notebook, exercise: Notebook) -> None:
    assert derive(solution) == exercise
    assert "return 2 * number" not in str(exercise)


def test_answer_only_drops_the_marker_lines(solution: Notebook) -> None:
    plain = answer_only(solution)["cells"][3]["source"]
    assert plain == textwrap.dedent("""\
        def double(number):
            return 2 * number""")
    assert B in solution["cells"][3]["source"]
