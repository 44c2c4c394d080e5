"""One table of lessons, in README.md and on the website."""

from __future__ import annotations

from course_app.authoring.lesson_table import lesson_table
from course_app.manifest import Course, load
from course_app.site.sphinx_source import index
from tests.support.paths import ROOT


def test_a_row_links_only_to_files_that_exist(sums: Course) -> None:
    lesson = sums.lessons[0]
    assert not sums.lesson_path(lesson).exists()
    head, rule, *rows = lesson_table(sums).splitlines()
    assert (head, rule) == ("| lesson | minutes | exercise |", "|---|---|---|")
    tasks = f"[{len(lesson.tasks)} tasks](exercises/{lesson.stem}.ipynb)"
    assert rows[0] == f"| {lesson.number:02d} · {lesson.title} | {lesson.minutes} | {tasks} |"


def test_readme_and_website_show_the_same_table() -> None:
    course = load(ROOT)
    table = lesson_table(course)
    assert table in (ROOT / "README.md").read_text(encoding="utf-8")
    assert table in index(course, [])
    assert table.count("\n") == len(course.lessons) + 1
