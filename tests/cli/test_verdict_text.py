"""Verdicts as text: marks and colours on a terminal, words elsewhere."""

from __future__ import annotations

import pytest

from course_app.checks.verdict import Outcome, Verdict
from course_app.cli.verdict_text import dim, result_lines, verdict_lines
from course_app.grading.result import Result
from course_app.nbval_plugin.mismatch import Mismatch

WRONG = Verdict("echo.1", Outcome.FAILED, "echo.1.no-prefix", "it echoes", "> TEXT 'a'", "< TEXT 'a'")
PASSED = Verdict("echo.2", Outcome.PASSED)


def test_a_wrong_answer_has_its_message_and_both_transcripts() -> None:
    assert verdict_lines(WRONG, terminal=False) == [
        "failed echo.1: it echoes",
        "    expected     received",
        "  → > TEXT 'a'   < TEXT 'a'",
    ]
    assert verdict_lines(WRONG, terminal=False, full=True) == [
        "failed echo.1: it echoes",
        "    expected:",
        "      > TEXT 'a'",
        "    received:",
        "      < TEXT 'a'",
    ]
    assert verdict_lines(WRONG, terminal=False, whole=False) == ["failed echo.1: it echoes"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_terminal_gets_a_coloured_mark_and_a_file_the_word(outcome: Outcome) -> None:
    verdict = Verdict("echo.1", outcome)
    (line,) = verdict_lines(verdict, terminal=True)
    assert line.startswith("\x1b[") and f"m{outcome.mark}\x1b[0m echo.1" in line
    (line,) = verdict_lines(verdict, terminal=False)
    assert line == f"{outcome.value.replace('_', ' ')} echo.1"


def test_a_result_adds_repairs_the_stop_and_what_nbval_rejects() -> None:
    stopped = Result("03_echo", (WRONG,), False, (Mismatch("a", "differs"),), ("cell b was missing",), "cell a: died")
    assert result_lines(stopped, terminal=False)[-2:] == ["stopped at cell a: died", "note: cell b was missing"]
    passed = Result("03_echo", (PASSED,), False, (Mismatch("a", "differs"),))
    assert result_lines(passed, terminal=False) == ["passed echo.2", "nbval: cell a: differs"]


def test_only_a_terminal_gets_faint_text() -> None:
    assert (dim("x", True), dim("x", False)) == ("\x1b[2mx\x1b[0m", "x")
