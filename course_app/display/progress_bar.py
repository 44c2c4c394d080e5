"""A progress bar as text."""

from __future__ import annotations

WIDTH = 20
"""Characters of a bar."""


def progress_bar(done: int, total: int) -> str:
    """Return a bar of WIDTH characters for `done` of `total` parts, spaces where `total` is 0."""
    if total == 0:
        return " " * WIDTH
    full = WIDTH * done // total
    return "█" * full + "░" * (WIDTH - full)
