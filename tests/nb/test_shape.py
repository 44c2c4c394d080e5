"""The shape of a notebook in numbers."""

from __future__ import annotations

from typing import Any

import pytest

from course_app.nb.shape import count_words, crowded_lines, measure


def test_words_are_those_of_the_prose() -> None:
    assert (
        count_words("# One two\n\nthree [four](https://a.b/c) `five.six` e.g. it's\n\n```\nno no\n```\n<!-- no -->")
        == 7
    )


@pytest.mark.parametrize(
    "line", ["One. Two.", "Is it? Yes.", "It ends.** *Then* more", "Call `f()`. Then `g()`. Next."]
)
def test_lines_with_more_than_one_sentence(line: str) -> None:
    assert crowded_lines(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "One.",
        "1. One",
        "Use it, e.g. Python.",
        "| a. B | c. D |",
        "See `a. B`.",
        "Version 3.11 Is",
        "<details><summary>So. Why?</summary>",
    ],
)
def test_lines_with_one_sentence(line: str) -> None:
    assert crowded_lines(line) == []


def test_measures(make: Any) -> None:
    code = [make.code("a", "# c\n\nx = 1"), make.code("b", "x")]
    shape = measure(make.notebook(make.markdown("m", "Predict three words"), *code))
    assert (shape.cells, shape.words, shape.code_cells, shape.code_lines) == (3, 3, 2, 3)
    assert (shape.longest_code, shape.code_in_a_row, shape.predictions) == (2, 1, 1)
    assert shape.share_comments == pytest.approx(1 / 3)
