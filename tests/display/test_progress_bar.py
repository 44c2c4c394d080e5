"""A bar is full where everything is done, and only there."""

from __future__ import annotations

import pytest

from course_app.display.progress_bar import WIDTH, progress_bar


@pytest.mark.parametrize(
    ("done", "total", "full"), [(0, 5, 0), (2, 5, 8), (5, 5, 20), (1, 12, 1), (11, 12, 18), (12, 12, 20)]
)
def test_the_bar_is_as_full_as_the_share(done: int, total: int, full: int) -> None:
    bar = progress_bar(done, total)
    assert (bar.count("█"), len(bar)) == (full, WIDTH)
    assert set(bar) <= set("█░")


def test_without_parts_there_is_room_and_no_bar() -> None:
    assert progress_bar(0, 0) == " " * WIDTH
