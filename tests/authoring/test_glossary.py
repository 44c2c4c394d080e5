"""The glossary is gathered from the lessons, whole and in order."""

from __future__ import annotations

from course_app.authoring.glossary import entries, page


def lesson(text: str) -> dict[str, object]:
    return {"cells": [{"cell_type": "markdown", "source": text}, {"cell_type": "code", "source": "**x**: no"}]}


def test_terms_are_found_in_lists_and_lines() -> None:
    nb = lesson("## Glossary\n\n- **frame**: the unit.\n**close code**: a number.\n\n**Read on:** [RFC](x)")
    assert [(entry.term, entry.meaning) for entry in entries(nb, "03_echo")] == [
        ("frame", "the unit."),
        ("close code", "a number."),
    ]


def test_bold_words_elsewhere_are_no_terms() -> None:
    assert entries(lesson("**frame**: before.\n\n## Glossary\n"), "03_echo") == []


def test_the_page_is_in_alphabetical_order_with_links() -> None:
    first = entries(lesson("## Glossary\n\n**b**: two.\n"), "03_echo")
    second = entries(lesson("## Glossary\n\n**A**: one.\n"), "04_messages")
    lines = page(first + second).splitlines()
    assert lines[-2:] == [
        "- **A**: one. ([04](../notebooks/04_messages.ipynb))",
        "- **b**: two. ([03](../notebooks/03_echo.ipynb))",
    ]
