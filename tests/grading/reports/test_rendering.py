"""Nothing that a learner, a file name or course.toml says becomes markup, script or template code in a report."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from jinja2 import UndefinedError

from course_app.grading.reports import class_page, feedback_pages
from course_app.grading.reports.rendering import LONGEST, TEMPLATES, render, shortened, visible

from .conftest import MakeBook
from .pages import Page

HARMLESS = "marker"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}",
    "{% for x in () %}",
    "&lt;b&gt; &amp;",
    "</pre></td></table>",
]


def pages(make_book: MakeBook, text: str) -> list[Page]:
    """Return the report and every feedback page of a class in which everything that can be written is `text`."""
    book = make_book(text, title=f"Course {text}", unsandboxed=f"because {text}")
    names = dict.fromkeys(book.students, f"{text}.html")
    markup = [class_page.page(book, names), *(feedback_pages.page(book, student) for student in book.students)]
    return [Page(one) for one in markup]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_in_every_place_and_obeyed_in_none(make_book: MakeBook, text: str) -> None:
    for harmless, hostile in zip(pages(make_book, HARMLESS), pages(make_book, text), strict=True):
        assert hostile.elements == harmless.elements
        shown = unquote(hostile.text)  # links to feedback pages hold the text too
        assert shown.count(text) == harmless.text.count(HARMLESS) > 0
        assert "49" not in hostile.text.replace(text, "")


def test_every_place_of_a_report_is_tried(make_book: MakeBook) -> None:
    """The class report shows the text in each section; the wrong submission's page shows answer and transcripts."""
    report, _, wrong, unreadable, _ = pages(make_book, HARMLESS)
    for part in ("echo.1.marker", "stopped at cell marker", "cell 7 marker", "marker is not JSON",
                 "the grader failed: ZeroDivisionError: marker"):  # fmt: skip
        assert part in report.text
    for part in ("bob marker", "> marker", "< marker", "Not counted: old marker", "Stopped at cell marker"):
        assert part in wrong.text
    assert "marker, received" in unreadable.text


def test_what_stands_between_backticks_is_code_and_escaped(make_book: MakeBook) -> None:
    book = make_book("use `<b>` here")
    assert "use <code>&lt;b&gt;</code> here" in feedback_pages.page(book, "bob use `<b>` here")


def test_control_characters_are_made_visible() -> None:
    assert visible("\x1b[1m\x00\x9f\n\t") == "␛[1m␀\ufffd\n\t"
    assert visible(7) == 7


def test_a_flood_is_cut() -> None:
    assert visible("x" * (LONGEST + 5)) == "x" * LONGEST + "…"
    assert (shortened("abcdef", 6), shortened("abcdefg", 6)) == ("abcdef", "abcdef…")


def test_no_template_turns_the_escaping_off() -> None:
    for template in TEMPLATES.glob("*.jinja"):
        source = template.read_text(encoding="utf-8")
        assert "|safe" not in source.replace(" ", "") and "autoescape" not in source, template.name


def test_a_value_that_a_template_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("feedback.html.jinja", student="ada")
