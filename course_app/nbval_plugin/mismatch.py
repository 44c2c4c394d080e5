"""A cell that nbval does not accept. Apart from `comparison`, because importing nbval takes a third of a second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mismatch:
    """A cell that nbval does not accept: its id, and nbval's reason."""

    cell: str
    reason: str
