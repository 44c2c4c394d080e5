"""write_all: every report of a class, and links that lead to the pages."""

from __future__ import annotations

import json
from pathlib import Path

from course_app.grading import reports

from .conftest import MakeBook


def test_every_file_is_written_and_the_links_lead_to_the_pages(make_book: MakeBook, tmp_path: Path) -> None:
    book = make_book()
    reports.write_all(book, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"grades.csv", "grades.json", "junit.xml", "report.html", "feedback"}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for row in json.loads((tmp_path / "out" / "grades.json").read_text(encoding="utf-8"))["students"]:
        assert (tmp_path / "out" / row["feedback"]).is_file() and f'href="{row["feedback"]}"' in page
