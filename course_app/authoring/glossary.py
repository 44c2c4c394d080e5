"""The glossary of the whole course, gathered from the glossary that ends each lesson."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..nb.cells import Notebook

_TERM = re.compile(r"^(?:- )?\*\*(?P<term>[^*]+)\*\*: (?P<meaning>.+)$", re.MULTILINE)
_HEADING = "## Glossary"


@dataclass(frozen=True)
class Entry:
    """A term, what it means, and the stem of the lesson that explains it."""

    term: str
    meaning: str
    stem: str


def entries(nb: Notebook, stem: str) -> list[Entry]:
    """Return the terms of one lesson, in its own order."""
    found = []
    for cell in nb["cells"]:
        if cell["cell_type"] == "markdown" and _HEADING in cell["source"]:
            text = cell["source"].partition(_HEADING)[2]
            found += [Entry(match["term"], match["meaning"].strip(), stem) for match in _TERM.finditer(text)]
    return found


def page(all_entries: list[Entry]) -> str:
    """Return the glossary as a Markdown page, in alphabetical order; each term links to the lesson that explains it."""
    rows = ["# Glossary", "", "Every term of the course, and the lesson that explains it.", ""]
    for entry in sorted(all_entries, key=lambda entry: entry.term.casefold()):
        link = f"[{entry.stem[:2]}](../notebooks/{entry.stem}.ipynb)"
        rows.append(f"- **{entry.term}**: {entry.meaning} ({link})")
    return "\n".join(rows) + "\n"
