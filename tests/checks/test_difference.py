"""The first difference of two transcripts, in a few lines."""

from __future__ import annotations

from course_app.checks.difference import AROUND, compress, excerpts, side_by_side


def test_lines_that_repeat_are_one() -> None:
    assert compress("> TEXT 'a'\n< TEXT 'b'\n< TEXT 'b'\n< TEXT 'b'\n> TEXT 'a'") == [
        "> TEXT 'a'",
        "< TEXT 'b'  × 3",
        "> TEXT 'a'",
    ]


def test_the_first_difference_is_marked_with_five_lines_around_it() -> None:
    equal = [f"line {number}" for number in range(20)]
    left, right = excerpts("\n".join([*equal, "good", *equal]), "\n".join([*equal, "bad"]))
    assert (left.before, left.marked, left.lines[left.marked], left.after) == (15, 5, "good", 16)
    assert (right.before, right.lines[right.marked], right.after) == (15, "bad", 0)
    assert len(left.lines) == 2 * AROUND


def test_what_never_came_is_marked_at_the_end() -> None:
    rows = side_by_side("> TEXT 'a'\n< TEXT 'b'", "> TEXT 'a'", ("expected", "received"))
    assert rows == [
        "  expected     received",
        "  > TEXT 'a'   > TEXT 'a'",
        "→ < TEXT 'b'",
    ]


def test_a_long_story_fits_on_a_screen() -> None:
    long = "\n".join(f"line {number}" for number in range(1500))
    assert len(side_by_side(long, long.replace("line 700", "other"), ("expected", "received"))) <= 2 * AROUND + 3
