"""`course grade`: layouts in, tables and reports out, and the options between them."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from course_app import cli
from course_app.kernels.sandbox import availability
from course_app.manifest import Course
from course_app.nb.files import dumps

pytestmark = pytest.mark.integration

WRONG = "once_app = FastAPI()"


@pytest.fixture
def grade(monkeypatch: pytest.MonkeyPatch, course: Course, tmp_path: Path) -> Callable[..., int]:
    """Run `course grade` on tmp_path/in into tmp_path/out with more words, and return its exit code."""
    monkeypatch.setenv("COURSE_ROOT", str(course.root))

    def run(*words: str) -> int:
        return cli.main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--jobs", "2", *words])

    return run


@pytest.fixture
def class_of_three(tmp_path, solved, fresh, put):
    """Ada has all right, Bob one wrong, and Cy sent no notebook."""
    for student, nb in (("ada", solved), ("bob", put(echo_1_stub=WRONG))):
        (tmp_path / "in" / student).mkdir(parents=True)
        (tmp_path / "in" / student / "03_echo.ipynb").write_text(dumps(nb), encoding="utf-8")
    (tmp_path / "in" / "cy__03_echo.ipynb").write_text("Sorry, the dog ate it.", encoding="utf-8")
    return tmp_path / "out"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_report_says_the_same(grade, class_of_three, capsys):
    assert grade("--nbgrader") == 0
    out = class_of_three
    table = {row["student"]: row for row in rows(out / "grades.csv")}
    assert [*table["ada"]] == ["student", "echo.1", "echo.2", "echo.3", "echo.4", "echo.5", "total"]
    assert {name: row["total"] for name, row in table.items()} == {"ada": "11", "bob": "9", "cy": "0"}
    assert table["bob"]["echo.1"] == "0" and table["bob"]["echo.2"] == "2"

    book = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    assert (book["schema"], book["sandboxed"], book["max"]) == (1, True, 11)
    bob = next(one for one in book["students"] if one["student"] == "bob")["submissions"][0]
    assert bob["result"]["verdicts"][0]["diagnosis"] == "echo.1.no-route"

    suites = {suite.get("name"): suite for suite in ElementTree.parse(out / "junit.xml").getroot()}
    assert suites["bob 03_echo"].get("failures") == "1" and suites["cy 03_echo"].get("errors") == "1"

    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<svg" in page and "echo.1.no-route" in page and "is not JSON" in page
    feedback = (out / "feedback" / "bob.html").read_text(encoding="utf-8")
    assert "Expected" in feedback and "Received" in feedback and "&gt; GET /ws" in feedback
    nbgrader = {row["student_id"]: row for row in rows(out / "nbgrader.csv")}
    assert (nbgrader["bob"]["assignment"], nbgrader["bob"]["score"], nbgrader["bob"]["max_score"]) == (
        "03_echo",
        "9.0",
        "11.0",
    )
    assert "cy: cy__03_echo.ipynb is not JSON" in capsys.readouterr().out


def test_resume_takes_over_what_is_the_same_and_grades_the_rest(grade, class_of_three, put, tmp_path):
    assert grade() == 0
    log = class_of_three / "rows.jsonl"
    log.write_text(log.read_text(encoding="utf-8") + '{"key": "half a li', encoding="utf-8")
    (tmp_path / "in" / "bob" / "03_echo.ipynb").write_text(dumps(put(echo_2_stub="every_app = 1")), encoding="utf-8")
    assert grade("--resume") == 0
    book = json.loads((class_of_three / "grades.json").read_text(encoding="utf-8"))
    resumed = {one["student"]: one["submissions"][0]["resumed"] for one in book["students"]}
    assert resumed == {"ada": True, "bob": False, "cy": False}
    assert {row["student"]: row["total"] for row in rows(class_of_three / "grades.csv")} == {
        "ada": "11",
        "bob": "9",
        "cy": "0",
    }


def test_fail_under_is_for_ci(grade, class_of_three, tmp_path):
    (tmp_path / "in" / "cy__03_echo.ipynb").unlink()
    assert grade("--fail-under", "80") == 0
    assert grade("--resume", "--fail-under", "90") == 1


def test_without_a_sandbox_it_refuses_and_with_leave_it_says_so(grade, class_of_three, monkeypatch, capsys):
    monkeypatch.setattr(availability, "why_unavailable", lambda _: "user namespaces are off")
    assert grade() == 2
    said = capsys.readouterr().err
    assert "no sandbox can be had here: user namespaces are off" in said and "--no-sandbox" in said
    assert not (class_of_three / "grades.csv").exists()
    assert grade("--no-sandbox") == 0
    assert "Not sandboxed" in capsys.readouterr().out
    assert json.loads((class_of_three / "grades.json").read_text(encoding="utf-8"))["sandboxed"] is False
    for page in ("report.html", "feedback/ada.html"):
        assert "Not sandboxed" in (class_of_three / page).read_text(encoding="utf-8")
    assert "graded without a sandbox" in (class_of_three / "junit.xml").read_text(encoding="utf-8")


def test_a_grader_that_fails_fails_one_row_and_says_so(grade, class_of_three, monkeypatch, capsys):
    from course_app.grading import grade_bytes, workers

    real = grade_bytes.grade_bytes

    def broken(course, stem, data, name, *rest):
        if name.startswith("ada"):
            os._exit(9)
        if name.startswith("cy"):
            raise ZeroDivisionError("oh")
        return real(course, stem, data, name, *rest)

    monkeypatch.setattr(workers, "grade_bytes", broken)
    assert grade() == 3
    totals = {row["student"]: row["total"] for row in rows(class_of_three / "grades.csv")}
    assert totals == {"ada": "0", "bob": "9", "cy": "0"}
    said = capsys.readouterr().out
    assert "the grader's own process ended (exit code 9)" in said and "ZeroDivisionError: oh" in said


def test_names_of_students_give_no_orders(course, solved, tmp_path, grade):
    for name in ("=1+1", "<b>eve", "a.b"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "03_echo.ipynb").write_text("nothing", encoding="utf-8")
    assert grade() == 0
    assert {row["student"] for row in rows(tmp_path / "out" / "grades.csv")} == {"'=1+1", "_b_eve", "a.b"}


@pytest.fixture
def three(fresh, tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in ("ada", "bob", "cy"):
        (tmp_path / "in" / f"{name}__03_echo.ipynb").write_text(dumps(fresh), encoding="utf-8")
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of a test's own is a pty")
def test_a_terminal_sees_how_many_are_graded_and_what_time_is_left(course, three: Path) -> None:
    ours, theirs = os.openpty()
    process = grade_process(course, three, theirs)
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:
        pass  # Linux says so when the other end has closed
    os.close(ours)
    assert process.wait(60) == 0
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", said).decode()
    assert "grading" in text and "3/3" in text and re.search(r"\d:\d\d:\d\d", text), text


def test_a_file_holds_no_bar(course, three: Path) -> None:
    with (three / "stderr").open("wb") as file:
        assert grade_process(course, three, file.fileno()).wait(60) == 0
    assert (three / "stderr").read_bytes() == b""


def grade_process(course, place: Path, stderr: int) -> subprocess.Popen[bytes]:
    words = ["grade", str(place / "in"), "--out", str(place / "out")]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    command = [sys.executable, "-m", "course_app.cli", *words]
    return subprocess.Popen(command, cwd=course.root, stdout=subprocess.DEVNULL, stderr=stderr, env=env)
