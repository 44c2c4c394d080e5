"""A graded class as files: one module per format, and `write_all` for all of them."""

from __future__ import annotations

from pathlib import Path

from ..batch import Gradebook
from . import class_page, feedback_pages, grades_csv, grades_json, junit_xml


def write_all(book: Gradebook, out: Path) -> None:
    """Write grades.csv, grades.json, junit.xml, report.html and feedback/<student>.html into the folder `out`.

    Raises OSError where `out` cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    grades_csv.write(book, out / "grades.csv")
    junit_xml.write(book, out / "junit.xml")
    names = feedback_pages.write(book, out / "feedback")
    grades_json.write(book, out / "grades.json", {student: f"feedback/{name}" for student, name in names.items()})
    class_page.write(book, out / "report.html", names)
