"""`course grade`: layouts in, tables and reports out, and the options between them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest

from course_app import cli
from course_app.errors import CourseError
from course_app.grading import batch, collect
from course_app.grading.grade_bytes import Options
from course_app.kernels.sandbox import availability, policy
from course_app.manifest import Course
from course_app.nb.files import dumps

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
        (tmp_path / "in" / student / "02_echo.ipynb").write_text(dumps(nb), encoding="utf-8")
    (tmp_path / "in" / "cy__02_echo.ipynb").write_text("Sorry, the dog ate it.", encoding="utf-8")
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
    assert suites["bob 02_echo"].get("failures") == "1" and suites["cy 02_echo"].get("errors") == "1"

    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<svg" in page and "echo.1.no-route" in page and "is not JSON" in page
    feedback = (out / "feedback" / "bob.html").read_text(encoding="utf-8")
    assert "Expected" in feedback and "Received" in feedback and "&gt; GET /ws" in feedback
    nbgrader = {row["student_id"]: row for row in rows(out / "nbgrader.csv")}
    assert (nbgrader["bob"]["assignment"], nbgrader["bob"]["score"], nbgrader["bob"]["max_score"]) == (
        "02_echo",
        "9.0",
        "11.0",
    )
    assert "cy: cy__02_echo.ipynb is not JSON" in capsys.readouterr().out


def test_the_export_has_nbgraders_columns():
    import inspect

    from nbgrader.plugins.export import CsvExportPlugin

    from course_app.grading.reports.nbgrader_csv import COLUMNS

    source = inspect.getsource(CsvExportPlugin.export)
    keys = source.partition("keys = [")[2].partition("]")[0]
    assert [word.strip().strip('"') for word in keys.split(",") if word.strip()] == list(COLUMNS)


def test_resume_takes_over_what_is_the_same_and_grades_the_rest(grade, class_of_three, put, tmp_path):
    assert grade() == 0
    journal = class_of_three / "rows.jsonl"
    journal.write_text(journal.read_text(encoding="utf-8") + '{"key": "half a li', encoding="utf-8")
    (tmp_path / "in" / "bob" / "02_echo.ipynb").write_text(dumps(put(echo_2_stub="every_app = 1")), encoding="utf-8")
    assert grade("--resume") == 0
    book = json.loads((class_of_three / "grades.json").read_text(encoding="utf-8"))
    resumed = {one["student"]: one["submissions"][0]["resumed"] for one in book["students"]}
    assert resumed == {"ada": True, "bob": False, "cy": False}
    assert {row["student"]: row["total"] for row in rows(class_of_three / "grades.csv")} == {
        "ada": "11",
        "bob": "9",
        "cy": "0",
    }


def test_another_time_limit_is_another_verdict(course, echo):
    one, other = (batch.canonical_hash(course, echo, Options(None, cell_seconds=seconds)) for seconds in (1.0, 2.0))
    sandboxed = batch.canonical_hash(course, echo, Options(policy.course_sandbox(course.root), cell_seconds=1.0))
    assert len({one, other, sandboxed}) == 3


def test_fail_under_is_for_ci(grade, class_of_three, tmp_path):
    (tmp_path / "in" / "cy__02_echo.ipynb").unlink()
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
    from course_app.grading import workers

    real = workers.grade_bytes

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


def test_a_grader_that_is_killed_leaves_nothing_running(course, put, tmp_path, short_path):
    (tmp_path / "in").mkdir()
    for name in ("ada", "bob"):
        nb = dumps(put(echo_1_stub="import time\ntime.sleep(600)"))
        (tmp_path / "in" / f"{name}__02_echo.ipynb").write_text(nb, encoding="utf-8")
    words = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--timeout", "300", "--whole-timeout", "600"]
    grader = subprocess.Popen(
        [sys.executable, "-m", "course_app.cli", "grade", *words, "--jobs", "2"],
        cwd=course.root,
        env={**os.environ, "TMPDIR": str(short_path), "COURSE_FORK_IDLE": "10"},
    )
    try:
        until(lambda: len(kernels(short_path)) == 2 and len(workers_of(grader.pid)) == 2)
        workers = workers_of(grader.pid)
    finally:
        grader.kill()
        grader.wait()
    until(lambda: not any(worker.is_running() and worker.status() != "zombie" for worker in workers))
    until(lambda: not kernels(short_path))


def workers_of(pid: int) -> list[psutil.Process]:
    return [one for one in psutil.Process(pid).children() if "course_app.cli" in one.cmdline()]


def kernels(folder: Path) -> list[Path]:
    return list(folder.glob("course-k-*"))


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_thousand_are_read_one_by_one_and_each_is_a_row(course, fresh, tmp_path):
    from course_app.grading import reports

    (tmp_path / "in").mkdir()
    for number in range(1000):
        (tmp_path / "in" / f"s{number:04d}__02_echo.ipynb").write_bytes(dumps(fresh).encode() + b" " * number)
    alive = []

    def run(jobs):
        for job in jobs:
            alive.append(len(job.load()))
            verdicts = [{"task": f"echo.{n}", "outcome": "passed", "diagnosis": "", "message": "", "expected": "",
                         "received": "", "seconds": 0.1} for n in range(1, 6)]  # fmt: skip
            yield job.key, {"result": {"verdicts": verdicts, "repairs": [], "stopped": "", "seconds": {"cells": 0.1}}}
            assert len(alive) == job.key + 1, "the next file was read before its turn"

    book = batch.grade(course, tmp_path / "in", tmp_path / "out", run, Options(None))
    reports.write_all(book, tmp_path / "out")
    table = rows(tmp_path / "out" / "grades.csv")
    assert len({row["student"] for row in table}) == 1000 and {row["total"] for row in table} == {"11"}
    assert len(list((tmp_path / "out" / "feedback").iterdir())) == 1000


def found(course: Course, place: Path) -> dict[str, tuple[str, str]]:
    return {one.student: (one.lesson, one.problem) for one in collect.collect(course, place)}


def test_layouts(course, solved, tmp_path):
    data = dumps(solved)
    place = tmp_path / "in"
    for name in (
        "ada/any name.ipynb",
        "bob__02_echo.ipynb",
        "cy_02_echo.ipynb",
        "lovelace_12345_67890_02_echo-1.ipynb",
        "hopper_LATE_12345_67890_02_echo.ipynb",
        "Grace Hopper_4711_assignsubmission_file_/02_echo.ipynb",
        "ada/.ipynb_checkpoints/any name-checkpoint.ipynb",
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(data, encoding="utf-8")
    expected = dict.fromkeys(["ada", "bob", "cy", "lovelace", "hopper", "Grace Hopper"], ("02_echo", ""))
    assert found(course, place) == expected


def test_of_a_clone_of_the_course_the_exercises_count(course, solved, fresh, tmp_path):
    for name, nb in (("exercises", fresh), ("solutions", solved), ("notebooks", solved)):
        (tmp_path / "ada" / name).mkdir(parents=True)
        (tmp_path / "ada" / name / "02_echo.ipynb").write_text(dumps(nb), encoding="utf-8")
    (one,) = collect.collect(course, tmp_path)
    assert one.source == "ada/exercises/02_echo.ipynb"


def test_nbgraders_tree_and_its_times(course, solved, tmp_path):
    folder = tmp_path / "course" / "submitted" / "ada" / "all"
    folder.mkdir(parents=True)
    (folder / "02_echo.ipynb").write_text(dumps(solved), encoding="utf-8")
    (folder / "timestamp.txt").write_text("2026-03-01 12:00:00.000000 UTC", encoding="utf-8")
    (one,) = collect.collect(course, tmp_path / "course")
    assert (one.student, one.lesson, one.received) == (
        "ada",
        "02_echo",
        datetime.fromisoformat("2026-03-01T12:00+00:00"),
    )


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["Ada L_1_assignsubmission_file/02_echo.ipynb", "Bob M_2_assignsubmission_file/x.ipynb"], {"Ada L", "Bob M"}),
        (["lovelaceada_1_2_02_echo.ipynb", "hoppergrace_3_4_02_echo.ipynb"], {"lovelaceada", "hoppergrace"}),
        (["ada__02_echo.ipynb", "bob__02_echo.ipynb", "__MACOSX/._ada__02_echo.ipynb"], {"ada", "bob"}),
        (["submitted/ada/all/02_echo.ipynb", "submitted/bob/all/02_echo.ipynb"], {"ada", "bob"}),
    ],
)
def test_downloads_of_lms_as_one_zip(course, solved, tmp_path, names, students):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in names:
            archive.writestr(name, dumps(solved))
    assert found(course, tmp_path / "all.zip") == dict.fromkeys(students, ("02_echo", ""))


def test_zips_inside_a_download_belong_to_their_students(course, solved, tmp_path):
    import io

    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("homework/02_echo.ipynb", dumps(solved))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("lovelaceada_1_2_work.zip", inner.getvalue())
    (one,) = collect.collect(course, tmp_path / "all.zip")
    assert (one.student, one.lesson, one.problem) == ("lovelaceada", "02_echo", "")
    assert one.read() == dumps(solved).encode()


def test_the_latest_before_the_due_date_counts(course, solved, tmp_path):
    due = datetime.fromisoformat("2026-03-01T12:00+00:00")
    for name, minutes in (("early", -60), ("right", -5), ("late", 5)):
        path = tmp_path / "ada" / f"{name}_02_echo.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dumps(solved), encoding="utf-8")
        moment = (due + timedelta(minutes=minutes)).timestamp()
        os.utime(path, (moment, moment))
    everything = collect.collect(course, tmp_path)
    (one,) = collect.choose(everything, due)
    assert (one.path.stem, one.late, len(one.superseded)) == ("right_02_echo", False, 2)
    (one,) = collect.choose(everything, due - timedelta(days=1))
    assert (one.path.stem, one.late) == ("late_02_echo", True)
    (one,) = collect.choose(everything, None)
    assert (one.path.stem, one.late) == ("late_02_echo", False)


def test_names_of_students_give_no_orders(course, solved, tmp_path, grade):
    for name in ("=1+1", "<b>eve", "a.b"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "02_echo.ipynb").write_text("nothing", encoding="utf-8")
    assert grade() == 0
    assert {row["student"] for row in rows(tmp_path / "out" / "grades.csv")} == {"'=1+1", "_b_eve", "a.b"}


@pytest.mark.parametrize("make", ["", "empty"])
def test_a_place_without_submissions_is_refused(course, tmp_path, make):
    if make:
        (tmp_path / make).mkdir()
    with pytest.raises(CourseError, match="does not exist|holds no submission"):
        collect.collect(course, tmp_path / (make or "nowhere"))
