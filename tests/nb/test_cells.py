"""A cell's id, its nbgrader metadata, and its name in messages, whatever is in it."""

from __future__ import annotations

from typing import Any

import pytest

from course_app.nb.cells import add_tags, cell_id, clear, grade_id, is_code, is_graded, is_solution, label, nbgrader


def cell(**more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": "", "outputs": [1], "execution_count": 7, **more}


@pytest.mark.parametrize(("own", "found"), [("a-1", "a-1"), (None, ""), (7, "")])
def test_an_id_is_text_or_empty(own: object, found: str) -> None:
    assert cell_id(cell(id=own)) == found
    assert cell_id(cell()) == ""


@pytest.mark.parametrize("metadata", [{}, {"nbgrader": None}, {"nbgrader": "x"}, {"nbgrader": {"grade": "true"}}])
def test_metadata_of_another_shape_marks_nothing(metadata: dict[str, Any]) -> None:
    one = cell(metadata=metadata)
    assert not is_solution(one) and not is_graded(one) and grade_id(one) == ""
    assert isinstance(nbgrader(one), dict)


def test_marks_of_nbgrader_are_read() -> None:
    one = cell(metadata={"nbgrader": {"solution": True, "grade": True, "grade_id": "echo-1"}})
    assert is_solution(one) and is_graded(one) and grade_id(one) == "echo-1" and is_code(one)


def test_a_tag_is_added_once() -> None:
    one = cell(metadata={"tags": ["a"]})
    add_tags(one, "a", "b", "b")
    assert one["metadata"]["tags"] == ["a", "b"]


def test_a_cleared_cell_has_never_run() -> None:
    one = cell()
    clear(one)
    assert (one["outputs"], one["execution_count"]) == ([], None)


def test_a_cell_is_named_by_its_id_or_its_place_and_first_words() -> None:
    assert label(cell(id="a-1"), 3) == "cell a-1"
    assert label(cell(), 3) == "cell number 3"
    assert label(cell(source="\n  x = 1\ny"), 3) == "cell number 3 ('x = 1')"
