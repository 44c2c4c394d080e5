"""report.html: the tables and figures of a class."""

from __future__ import annotations

import pytest

from course_app.grading.reports import class_page
from course_app.grading.reports.class_page import bins

from .conftest import MakeBook
from .pages import Page


def test_each_total_falls_into_the_bin_of_its_points() -> None:
    found = bins([0, 1, 1, 11], 11)
    assert [one.label for one in found] == ["0–1", "2", "3", "4", "5", "6", "7", "8", "9", "10–11"]
    assert [one.count for one in found] == [3, 0, 0, 0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(("totals", "most"), [([], 0), ([0, 0], 0), ([3], 3)])
def test_every_student_is_in_one_bin(totals: list[int], most: int) -> None:
    assert sum(one.count for one in bins(totals, most)) == len(totals)


def test_the_report_sums_the_class_up(make_book: MakeBook) -> None:
    book = make_book()
    page = Page(class_page.page(book, {student: f"{number}.html" for number, student in enumerate(book.students)}))
    assert "4 students, 4 submissions, graded in a sandbox on 2026-03-01 12:30 in 12.3 s." in page.text
    assert "Due 2026-03-01 12:30. Median 0 of 11 points." in page.text
    assert {"0.html", "1.html", "2.html", "3.html"} == {
        text[-6:] for text in page.texts if text.startswith("feedback/")
    }
    assert "and 2 more" in page.text, "ten repairs, of which eight are shown"
    assert "late; 1 other file(s) not counted; stopped at cell plain; 10 repair(s)" in page.texts


def test_the_time_table_leaves_out_rows_of_an_earlier_run(make_book: MakeBook) -> None:
    page = Page(class_page.page(make_book(), dict.fromkeys(make_book().students, "x.html")))
    start = page.texts.index("cells")
    assert page.texts[start : start + 7] == ["cells", "n", "1.000", "n", "1.500", "n", "2.0"]


def test_a_report_of_a_sandboxed_class_has_no_warning(make_book: MakeBook) -> None:
    names = dict.fromkeys(make_book().students, "x.html")
    assert "Not sandboxed" not in class_page.page(make_book(), names)
    assert "Not sandboxed" in class_page.page(make_book(unsandboxed="asked for"), names)
