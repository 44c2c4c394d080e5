"""A cell that nbval rejects. In a module of its own because importing nbval takes a third of a second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mismatch:
    """A cell that nbval rejects: its id, and nbval's reason."""

    cell: str
    reason: str
