"""What a check finds out about one task."""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ..messages import text
from .difference import Excerpt, excerpts, side_by_side


class Outcome(StrEnum):
    """How a task stands. `NOT_ATTEMPTED`: the stub is untouched. `NOT_REACHED`: a cell before it failed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    TIMED_OUT = "timed_out"
    NOT_REACHED = "not_reached"

    @property
    def mark(self) -> str:
        """The one character that stands for the outcome in a list."""
        return _MARKS[self]


_MARKS = {
    Outcome.PASSED: "✔",
    Outcome.FAILED: "✘",
    Outcome.NOT_ATTEMPTED: "○",
    Outcome.TIMED_OUT: "⌛",
    Outcome.NOT_REACHED: "·",
}

_STYLE = """<style>
.course-verdict{font-family:var(--jp-ui-font-family,sans-serif);
 border-left:4px solid #b35900;padding:.4em .9em;margin:.2em 0}
.course-verdict p{margin:.2em 0 .6em}
.course-verdict .course-pair{display:flex;flex-wrap:wrap;gap:1em}
.course-verdict figure{margin:0;flex:1 1 18em;min-width:0}
.course-verdict figcaption{font-size:.85em;opacity:.8}
.course-verdict pre{margin:.2em 0;padding:.5em;overflow-x:auto;border:1px solid rgba(128,128,128,.45);font-size:.85em}
</style>"""


_CODE = re.compile(r"`([^`\n]+)`")


def with_code(markup: str) -> str:
    """Return HTML in which each part between backticks is set as `<code>`. `markup` is escaped already."""
    return _CODE.sub(r"<code>\1</code>", markup)


@dataclass(frozen=True)
class Verdict:
    """The outcome of one task, as learners see it: as HTML in a notebook, as text elsewhere.

    `task` is the task's id, such as `echo.1`.
    `diagnosis` is the id of what went wrong, such as `echo.1.no-prefix`; `message` is its text.
    `expected` and `received` are transcripts as text, empty where the answer passed.
    `seconds` is how long the check took.
    `mistake` is the name of a common mistake that the answer's source or the log proves, or empty: then `message` is
    the text of that mistake.
    """

    task: str
    outcome: Outcome
    diagnosis: str = ""
    message: str = ""
    expected: str = ""
    received: str = ""
    seconds: float = 0.0
    mistake: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.outcome is Outcome.PASSED

    @property
    def headline(self) -> str:
        """One line that says how the task stands. On success it is the mark and the id: stored outputs never differ."""
        if self.passed:
            return f"{self.outcome.mark} {self.task}"
        if self.outcome in (Outcome.NOT_ATTEMPTED, Outcome.NOT_REACHED):
            return f"{self.outcome.mark} {self.task} {text(self.outcome.value.replace('_', '-'))}"
        return f"{self.outcome.mark} {self.task}: {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-ready values."""
        return {**asdict(self), "outcome": self.outcome.value}

    def __repr__(self) -> str:
        """Return the headline and, for a wrong answer, the lines around the first difference of the transcripts."""
        if not (self.expected or self.received):
            return self.headline
        captions = (text("expected"), text("received"))
        return "\n".join([self.headline, *side_by_side(self.expected, self.received, captions)])

    def full(self) -> str:
        """Return the headline and, for a wrong answer, both transcripts whole, as text."""
        lines = [self.headline]
        for caption, transcript in self._transcripts():
            lines += [f"  {caption}:", *(f"    {line}" for line in transcript.splitlines())]
        return "\n".join(lines)

    def _repr_html_(self) -> str | None:
        transcripts = self._transcripts()
        if not transcripts:
            return None
        headline = with_code(html.escape(self.headline))
        left, right = excerpts(self.expected, self.received)
        around = _figures([(text("expected"), _marked(left)), (text("received"), _marked(right))])
        whole = ""
        if any(excerpt.before or excerpt.after for excerpt in (left, right)):
            figures = _figures([(caption, html.escape(transcript)) for caption, transcript in transcripts])
            whole = f"<details><summary>{text('whole-transcripts')}</summary>{figures}</details>"
        return f'{_STYLE}<div class="course-verdict"><p>{headline}</p>{around}{whole}</div>'

    def _transcripts(self) -> list[tuple[str, str]]:
        pairs = [(text("expected"), self.expected), (text("received"), self.received)]
        return [(caption, transcript) for caption, transcript in pairs if transcript]


@dataclass(frozen=True, repr=False)
class Verdicts:
    """The verdicts on all tasks of an exercise, in the manifest's order."""

    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """Whether every answer is right."""
        return all(verdict.passed for verdict in self.verdicts)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.verdicts))

    def _repr_html_(self) -> str:
        return "".join(verdict._repr_html_() or f"<p>{html.escape(verdict.headline)}</p>" for verdict in self.verdicts)


def _marked(excerpt: Excerpt) -> str:
    """Return an excerpt as HTML, the first line that differs marked."""
    lines = [html.escape(line) for line in excerpt.lines]
    if excerpt.marked < len(lines):
        lines[excerpt.marked] = f"<mark>{lines[excerpt.marked]}</mark>"
    above = ["…"] if excerpt.before else []
    return "\n".join([*above, *lines, *(["…"] if excerpt.after else [])])


def _figures(pairs: list[tuple[str, str]]) -> str:
    """Return transcripts, which are HTML already, side by side with their captions."""
    figures = [f"<figure><figcaption>{caption}</figcaption><pre>{markup}</pre></figure>" for caption, markup in pairs]
    return f'<div class="course-pair">{"".join(figures)}</div>'
