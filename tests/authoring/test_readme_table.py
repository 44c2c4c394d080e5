"""The table of lessons between the markers of README.md."""

from __future__ import annotations

import pytest

from course_app.authoring import readme_table
from course_app.errors import CourseError
from course_app.manifest import Course, load
from tests.support.paths import ROOT


def test_build_brings_the_table_up_to_date_once(sums: Course) -> None:
    path = sums.root / "README.md"
    assert readme_table.build(sums) == []
    path.write_text(f"before\n{readme_table.BEGIN}\nold\n{readme_table.END}\nafter\n", encoding="utf-8")
    (change,) = readme_table.build(sums, check=True)
    assert "-old" in change.diff
    assert "\nold\n" in path.read_text(encoding="utf-8"), "a check writes nothing"
    assert readme_table.build(sums)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "\nold\n" not in text
    assert all(lesson.title in text for lesson in sums.lessons)
    assert readme_table.build(sums) == []


def test_a_readme_without_markers_is_an_error_that_says_how_to_fix_it() -> None:
    with pytest.raises(CourseError, match=r"README\.md: .* are missing; put them around"):
        readme_table.with_table("nothing", load(ROOT))
