"""Cells of a notebook: their ids, their nbgrader metadata, and the markers of solutions."""

from __future__ import annotations

from typing import Any

Notebook = dict[str, Any]
Cell = dict[str, Any]

STUB = "...  # your code here"
BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"


def cell_id(cell: Cell) -> str:
    """Return the cell's id, or an empty text where it has none."""
    value = cell.get("id")
    return value if isinstance(value, str) else ""


def nbgrader(cell: Cell) -> dict[str, Any]:
    """Return the cell's nbgrader metadata, or an empty dictionary."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def grade_id(cell: Cell) -> str:
    """Return nbgrader's grade_id of the cell, or an empty text where it has none."""
    value = nbgrader(cell).get("grade_id")
    return value if isinstance(value, str) else ""


def is_code(cell: Cell) -> bool:
    """Return whether this is a code cell."""
    return bool(cell["cell_type"] == "code")


def is_solution(cell: Cell) -> bool:
    """Return whether a learner answers in this cell."""
    return nbgrader(cell).get("solution") is True


def is_graded(cell: Cell) -> bool:
    """Return whether this cell checks an answer for points."""
    return nbgrader(cell).get("grade") is True


def add_tags(cell: Cell, *tags: str) -> None:
    """Add tags to the cell, in place, each at most once."""
    known = cell["metadata"].setdefault("tags", [])
    known.extend(tag for tag in dict.fromkeys(tags) if tag not in known)


def clear(cell: Cell) -> None:
    """Remove a code cell's outputs and execution count, in place."""
    cell["outputs"] = []
    cell["execution_count"] = None


def label(cell: Cell, position: int) -> str:
    """Return a cell's name for messages: its id, or its position (counted from 1) and first words."""
    if cell_id(cell):
        return f"cell {cell_id(cell)}"
    lines = str(cell.get("source", "")).strip().splitlines()
    return f"cell number {position}" + (f" ({lines[0][:30]!r})" if lines else "")
