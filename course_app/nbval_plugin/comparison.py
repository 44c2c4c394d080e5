"""nbval's own comparison, applied to outputs that were captured already."""

from __future__ import annotations

import sys
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

# jsonschema, which nbformat imports, builds a parser for each of these formats where it can, and they take a second.
# Nothing that is validated here uses them, so a process that has not imported jsonschema yet does without.
if "jsonschema" not in sys.modules:
    absent = {"isoduration", "rfc3986_validator", "rfc3987_syntax"} - set(sys.modules)
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        import nbformat  # noqa: F401
    finally:
        for name in absent:
            del sys.modules[name]

from nbformat import from_dict
from nbval.plugin import coalesce_streams, find_comment_markers, find_metadata_tags, nocolors

from ..nb.cells import Cell
from .collectors import RICH, CourseCell
from .mismatch import Mismatch

SKIPPED = (
    "metadata",
    "traceback",
    "prompt_number",
    "output_type",
    "name",
    "execution_count",
    "application/vnd.jupyter.widget-view+json",
    "image/png",
    "image/jpeg",
    *RICH,
)
"""The keys that nbval's collector and the course's do not compare; a test checks it against the collector."""


class _Cell(CourseCell):
    """An nbval cell outside of a pytest session."""

    def format_output_compare(self, key: str, left: object, right: object) -> None:
        self.comparison_traceback.append(f"{key} differs: expected {str(left)[:200]!r}, got {str(right)[:200]!r}")


def mismatch(cell: Cell, status: str, outputs: tuple[dict[str, Any], ...]) -> Mismatch | None:
    """Return the reason why strict nbval rejects an executed cell, or None where it accepts it.

    `cell` holds the expected outputs; `status` and `outputs` are those of the execution.
    """
    options = defaultdict(bool, find_metadata_tags(cell["metadata"]))
    options.update(find_comment_markers(cell["source"]))
    options.setdefault("check", True)
    if options["skip"]:
        return None
    if status not in ("ok", "error"):
        return Mismatch(cell["id"], f"the cell ended with {status}")
    if status == "error" and not options["check_exception"]:
        return Mismatch(cell["id"], "the cell raised an exception")
    if not options["check"] or cell["execution_count"] is None:
        return None
    item = _item(cell)
    new = coalesce_streams([from_dict(dict(output)) for output in outputs])
    if item.compare_outputs(new, coalesce_streams([from_dict(output) for output in cell["outputs"]])):
        return None
    return Mismatch(cell["id"], "; ".join(line.strip() for line in item.comparison_traceback if line.strip())[:1000])


def _item(cell: Cell) -> _Cell:
    item = _Cell.__new__(_Cell)
    item.cell = from_dict(cell)
    item.parent = SimpleNamespace(skip_compare=SKIPPED, sanitize_patterns={})
    item.colors = nocolors
    return item
