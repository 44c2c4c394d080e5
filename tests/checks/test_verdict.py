"""What a learner sees of a verdict: one line, or a line and two transcripts, as text and as HTML."""

from __future__ import annotations

import json

import pytest

from course_app.checks import Outcome, Verdict
from course_app.checks.verdict import with_code

WRONG = Verdict(
    "echo.1", Outcome.FAILED, "echo.1.no-prefix", "Await `accept()`, not `<b>`.", "< one", "< <script>", 0.5
)


def test_a_right_answer_is_one_line_and_no_html() -> None:
    verdict = Verdict("echo.1", Outcome.PASSED, seconds=0.5)
    assert verdict.passed and repr(verdict) == "✔ echo.1" and verdict._repr_html_() is None


def test_a_wrong_answer_shows_both_transcripts() -> None:
    assert not WRONG.passed
    assert repr(WRONG).splitlines() == [
        "✘ echo.1: Await `accept()`, not `<b>`.",
        "  expected   received",
        "→ < one      < <script>",
    ]
    assert WRONG.full().splitlines()[1:] == ["  expected:", "    < one", "  received:", "    < <script>"]


def test_html_is_escaped_and_code_is_marked() -> None:
    page = WRONG._repr_html_() or ""
    assert "Await <code>accept()</code>, not <code>&lt;b&gt;</code>." in page
    assert "<mark>&lt; &lt;script&gt;</mark>" in page and "<script>" not in page


@pytest.mark.parametrize(
    ("outcome", "headline"),
    [
        (Outcome.NOT_ATTEMPTED, "○ echo.1 not attempted yet"),
        (Outcome.NOT_REACHED, "· echo.1 not reached: a cell before it failed or never ended"),
        (Outcome.TIMED_OUT, "⌛ echo.1: too slow"),
    ],
)
def test_each_outcome_has_a_mark(outcome: Outcome, headline: str) -> None:
    assert Verdict("echo.1", outcome, message="too slow").headline == headline


def test_a_verdict_is_ready_for_json() -> None:
    assert json.loads(json.dumps(WRONG.to_dict()))["outcome"] == "failed"
    assert Verdict(**{**WRONG.to_dict(), "outcome": Outcome("failed")}) == WRONG


@pytest.mark.parametrize(
    ("markup", "html"),
    [("no code", "no code"), ("`a` and `b`", "<code>a</code> and <code>b</code>"), ("`", "`"), ("`a\nb`", "`a\nb`")],
)
def test_code_stands_between_two_backticks_in_one_line(markup: str, html: str) -> None:
    assert with_code(markup) == html
