"""Verdicts as lines of text: with marks and colours on a terminal, as plain text elsewhere."""

from __future__ import annotations

from ..checks.difference import side_by_side
from ..checks.verdict import Outcome, Verdict
from ..grading.result import Result
from ..messages import text

_COLOURS = {
    Outcome.PASSED: "32",
    Outcome.FAILED: "31",
    Outcome.NOT_ATTEMPTED: "2",
    Outcome.TIMED_OUT: "33",
    Outcome.NOT_REACHED: "2",
}


def verdict_lines(verdict: Verdict, terminal: bool, whole: bool = True, full: bool = False) -> list[str]:
    """Return one verdict as lines, in colours for a `terminal`.

    With `whole`, what an answer that did not pass sent is among them: the lines around the first difference of the
    two transcripts, or, with `full`, both transcripts.
    """
    lines = [_headline(verdict, terminal)]
    if not whole or not (verdict.expected or verdict.received):
        return lines
    if not full:
        captions = (text("expected"), text("received"))
        return [*lines, *(f"  {line}" for line in side_by_side(verdict.expected, verdict.received, captions))]
    for caption, transcript in ((text("expected"), verdict.expected), (text("received"), verdict.received)):
        if transcript:
            lines += [f"    {caption}:", *(f"      {line}" for line in transcript.splitlines())]
    return lines


def result_lines(result: Result, terminal: bool, full: bool = False) -> list[str]:
    """Return one submission's verdicts, repairs and mismatches as lines, in colours for a `terminal`.

    `full` shows the transcripts of wrong answers whole.
    """
    lines = [line for verdict in result.verdicts for line in verdict_lines(verdict, terminal, full=full)]
    if result.stopped:
        lines.append(f"stopped at {result.stopped}")
    lines += [f"note: {line}" for line in result.repairs]
    if result.passed and result.validated is False:
        lines += [f"nbval: cell {mismatch.cell}: {mismatch.reason}" for mismatch in result.mismatches]
    return lines


def dim(line: str, terminal: bool) -> str:
    """Return the line, faint on a `terminal`."""
    return f"\x1b[2m{line}\x1b[0m" if terminal else line


def _headline(verdict: Verdict, terminal: bool) -> str:
    outcome = verdict.outcome
    mark = f"\x1b[{_COLOURS[outcome]}m{outcome.mark}\x1b[0m" if terminal else outcome.value.replace("_", " ")
    if outcome is Outcome.NOT_REACHED and terminal:
        return f"{mark} {verdict.task}: {text('not-reached')}"
    if outcome is Outcome.NOT_ATTEMPTED and terminal:
        return f"{mark} {verdict.task}: {text('not-attempted')}"
    return f"{mark} {verdict.task}" + (f": {verdict.message}" if verdict.message else "")
