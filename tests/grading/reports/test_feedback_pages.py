"""feedback/<student>.html: one page each, under a name of its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from course_app.grading.batch import Gradebook, Row
from course_app.grading.reports import feedback_pages

from .conftest import MakeBook, result, submission, verdict


def of(make_book: MakeBook, *rows: Row) -> Gradebook:
    return dataclasses.replace(make_book(), rows=rows)


def test_every_student_gets_a_file_whatever_the_name(make_book: MakeBook, tmp_path: Path) -> None:
    names = ("ada", "Ada", "../../x", "..", "ä b", "con?")
    book = of(make_book, *(Row(submission(name), problem="empty") for name in names))
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "old.html").write_text("of an earlier run", encoding="utf-8")
    files = feedback_pages.write(book, tmp_path / "feedback")
    assert files == {"ada": "ada-2.html", "Ada": "Ada.html", "../../x": "x.html", "..": "student.html",
                     "ä b": "ä_b.html", "con?": "con.html"}  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "feedback").iterdir()) == sorted(files.values())


def test_points_follow_the_outcome(make_book: MakeBook) -> None:
    done = result(verdict("echo.1"), verdict("echo.2", "not_attempted"), verdict("echo.3", "timed_out", message="late"))
    page = feedback_pages.page(of(make_book, Row(submission("ada"), result=done)), "ada")
    task = make_book().course.task
    assert f"· {task('echo.1').points} of {task('echo.1').points}</h3>" in page
    assert f"· 0 of {task('echo.2').points}</h3>" in page and "<p>Not attempted.</p>" in page
    assert '<h3 class="timed_out">' in page and "<p>late</p>" in page and "Timed out." not in page


def test_a_fault_of_the_grader_is_not_told_to_the_student(make_book: MakeBook) -> None:
    page = feedback_pages.page(make_book("secret traceback"), "dan")
    assert "The grader itself failed on this submission." in page and "secret traceback" not in page
