"""The first place at which two transcripts differ, with a few lines around it, so that a verdict fits on a screen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

AROUND = 5
"""The most lines that are shown before the first difference, and after it."""


@dataclass(frozen=True)
class Excerpt:
    """A part of a transcript: `before` lines come first and are left out, `lines` are shown, `after` are left out.

    `marked` is the place in `lines` where the transcripts begin to differ; it may be one behind the last line.
    """

    before: int
    lines: tuple[str, ...]
    after: int
    marked: int


def compress(transcript: str) -> list[str]:
    """Return the lines of a transcript; a line that comes several times in a row is one, with `× 20` behind it."""
    grouped = [(line, len(list(same))) for line, same in groupby(transcript.splitlines())]
    return [line if times == 1 else f"{line}  × {times}" for line, times in grouped]


def excerpts(expected: str, received: str) -> tuple[Excerpt, Excerpt]:
    """Return the lines around the first difference, of what was expected and of what was received."""
    left, right = compress(expected), compress(received)
    first = next(
        (n for n, (one, two) in enumerate(zip(left, right, strict=False)) if one != two), min(len(left), len(right))
    )
    return _around(left, first), _around(right, first)


def _around(lines: list[str], first: int) -> Excerpt:
    start, stop = max(0, first - AROUND), first + AROUND
    return Excerpt(start, tuple(lines[start:stop]), max(0, len(lines) - stop), first - start)


def side_by_side(expected: str, received: str, captions: tuple[str, str]) -> list[str]:
    """Return the two excerpts as text in two columns, the first difference marked with `→`."""
    left, right = excerpts(expected, received)
    width = max([len(captions[0]), *map(len, left.lines)], default=0)
    rows = [f"  {captions[0]:<{width}}   {captions[1]}".rstrip()]
    if left.before:
        rows.append(f"    … {left.before} equal lines")
    for number in range(max(len(left.lines), len(right.lines))):
        one = left.lines[number] if number < len(left.lines) else ""
        two = right.lines[number] if number < len(right.lines) else ""
        rows.append(f"{'→' if number == left.marked else ' '} {one:<{width}}   {two}".rstrip())
    if left.after or right.after:
        rows.append(f"    … {max(left.after, right.after)} more lines")
    return rows
