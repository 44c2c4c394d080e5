"""What a graded class is written down as: one module per format, and `write_all`."""

from __future__ import annotations

from pathlib import Path

from ..batch import Gradebook
from . import feedback, junit, page, table, tree


def write_all(book: Gradebook, out: Path) -> None:
    """Write grades.csv, grades.json, junit.xml, report.html and feedback/<student>.html into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    table.write(book, out / "grades.csv")
    junit.write(book, out / "junit.xml")
    names = feedback.write(book, out / "feedback")
    tree.write(book, out / "grades.json", {student: f"feedback/{name}" for student, name in names.items()})
    page.write(book, out / "report.html", names)
