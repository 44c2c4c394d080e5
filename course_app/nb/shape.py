"""The shape of a notebook in numbers: its length, its density, its predictions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median

from .cells import Notebook, is_code

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FOLDED = re.compile(r"</summary>.*?</details>", re.DOTALL)
_TARGET = re.compile(r"\]\([^)]*\)")
_WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*")
_LINK = re.compile(r"https?://(?!localhost|127\.)", re.IGNORECASE)
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf)\.", re.IGNORECASE)
_CODE = re.compile(r"`+[^`]*`+")
_SENTENCE_END = re.compile(r"[\w`)\]*_\"'”][.!?][)\"'*_”]*\s+[(\"'*_“`\[]*[A-Z]")


@dataclass(frozen=True)
class Shape:
    """Numbers of one notebook. Lines of code are those that are not blank; shares are between 0 and 1.

    Folded text, such as the answers of a self-test, adds no words. `typical_prose` is the median number of words in the
    Markdown cells before the recap: the cells after it are for reference.
    """

    cells: int
    words: int
    typical_prose: float
    code_cells: int
    code_lines: int
    typical_code_lines: float
    longest_code: int
    share_short: float
    share_comments: float
    code_in_a_row: int
    predictions: int
    links: int
    long_lines: int

    def __str__(self) -> str:
        return (
            f"{self.cells} cells, {self.words:,} words ({self.typical_prose:g} in a typical cell), "
            f"{self.code_cells} code cells of {self.typical_code_lines:g} lines (longest {self.longest_code}, "
            f"{self.share_short:.0%} at most 14), comments in {self.share_comments:.0%} of the lines, "
            f"{self.predictions} predictions, {self.links} links"
        )


def measure(nb: Notebook) -> Shape:
    """Return the shape of the notebook."""
    prose = [cell["source"] for cell in nb["cells"] if cell["cell_type"] == "markdown"]
    code = [_lines(cell["source"]) for cell in nb["cells"] if is_code(cell)]
    lengths = sorted(len(lines) for lines in code)
    flat = [line for lines in code for line in lines]
    recap = next(
        (place for place, text in enumerate(prose) if text.startswith("## Recap") or "\n## Recap" in text), None
    )
    taught = [count_words(text) for text in prose[:recap]]
    neighbours = list(zip(nb["cells"], nb["cells"][1:], strict=False))
    return Shape(
        cells=len(nb["cells"]),
        words=sum(map(count_words, prose)),
        typical_prose=median(taught) if taught else 0,
        code_cells=len(code),
        code_lines=len(flat),
        typical_code_lines=lengths[len(lengths) // 2] if lengths else 0,
        longest_code=max(lengths, default=0),
        share_short=sum(length <= 14 for length in lengths) / max(len(lengths), 1),
        share_comments=sum(line.lstrip().startswith("#") for line in flat) / max(len(flat), 1),
        code_in_a_row=sum(is_code(cell) and is_code(following) for cell, following in neighbours),
        predictions=sum("predict" in text.lower() for text in prose),
        links=sum(len(_LINK.findall(text)) for text in prose),
        long_lines=sum(len(crowded_lines(text)) for text in prose),
    )


def count_words(markdown: str) -> int:
    """Return the number of words of prose: without fenced code, comments, addresses of links and folded text."""
    shown = _FOLDED.sub("", _FENCE.sub("", markdown))
    return len(_WORD.findall(_TARGET.sub("]", _COMMENT.sub("", shown))))


def crowded_lines(markdown: str) -> list[str]:
    """Return the lines that hold more than one sentence; headings, tables, fenced code and summaries do not count."""
    text = _COMMENT.sub("", _FENCE.sub("", markdown))
    apart = ("|", "#", ">", "$", "<details><summary>")  # a summary is one line, or it is none
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(apart)]
    return [line for line in lines if _SENTENCE_END.search(_prepared(line))]


def _prepared(line: str) -> str:
    """Return the line with inline code and abbreviations in the way of no full stop, and without a list's number."""
    line = _CODE.sub(lambda match: "`" + "x" * (len(match[0]) - 2) + "`", line)
    return re.sub(r"^\s*\d+\.\s+", "", _ABBREVIATION.sub("eg", line))


def _lines(source: str) -> list[str]:
    return [line for line in source.splitlines() if line.strip()]
