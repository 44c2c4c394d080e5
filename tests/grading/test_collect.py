"""Layouts of submissions: the student, the exercise and the time of each."""

from __future__ import annotations

import os
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from course_app.errors import CourseError
from course_app.grading import collect
from course_app.manifest import Course
from course_app.nb.files import dumps


def found(course: Course, place: Path) -> dict[str, tuple[str, str]]:
    return {one.student: (one.lesson, one.problem) for one in collect.collect(course, place)}


def test_layouts(course, solved, tmp_path):
    data = dumps(solved)
    place = tmp_path / "in"
    for name in (
        "ada/any name.ipynb",
        "bob__03_echo.ipynb",
        "cy_03_echo.ipynb",
        "lovelace_12345_67890_03_echo-1.ipynb",
        "hopper_LATE_12345_67890_03_echo.ipynb",
        "Grace Hopper_4711_assignsubmission_file_/03_echo.ipynb",
        "ada/.ipynb_checkpoints/any name-checkpoint.ipynb",
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(data, encoding="utf-8")
    expected = dict.fromkeys(["ada", "bob", "cy", "lovelace", "hopper", "Grace Hopper"], ("03_echo", ""))
    assert found(course, place) == expected


def test_of_a_clone_of_the_course_the_exercises_count(course, solved, fresh, tmp_path):
    for name, nb in (("exercises", fresh), ("solutions", solved), ("notebooks", solved)):
        (tmp_path / "ada" / name).mkdir(parents=True)
        (tmp_path / "ada" / name / "03_echo.ipynb").write_text(dumps(nb), encoding="utf-8")
    (one,) = collect.collect(course, tmp_path)
    assert one.source == "ada/exercises/03_echo.ipynb"


def test_nbgraders_tree_and_its_times(course, solved, tmp_path):
    folder = tmp_path / "course" / "submitted" / "ada" / "all"
    folder.mkdir(parents=True)
    (folder / "03_echo.ipynb").write_text(dumps(solved), encoding="utf-8")
    (folder / "timestamp.txt").write_text("2026-03-01 12:00:00.000000 UTC", encoding="utf-8")
    (one,) = collect.collect(course, tmp_path / "course")
    assert (one.student, one.lesson, one.received) == (
        "ada",
        "03_echo",
        datetime.fromisoformat("2026-03-01T12:00+00:00"),
    )


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["Ada L_1_assignsubmission_file/03_echo.ipynb", "Bob M_2_assignsubmission_file/x.ipynb"], {"Ada L", "Bob M"}),
        (["lovelaceada_1_2_03_echo.ipynb", "hoppergrace_3_4_03_echo.ipynb"], {"lovelaceada", "hoppergrace"}),
        (["ada__03_echo.ipynb", "bob__03_echo.ipynb", "__MACOSX/._ada__03_echo.ipynb"], {"ada", "bob"}),
        (["submitted/ada/all/03_echo.ipynb", "submitted/bob/all/03_echo.ipynb"], {"ada", "bob"}),
    ],
)
def test_downloads_of_lms_as_one_zip(course, solved, tmp_path, names, students):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in names:
            archive.writestr(name, dumps(solved))
    assert found(course, tmp_path / "all.zip") == dict.fromkeys(students, ("03_echo", ""))


def test_zips_inside_a_download_belong_to_their_students(course, solved, tmp_path):
    import io

    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("homework/03_echo.ipynb", dumps(solved))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("lovelaceada_1_2_work.zip", inner.getvalue())
    (one,) = collect.collect(course, tmp_path / "all.zip")
    assert (one.student, one.lesson, one.problem) == ("lovelaceada", "03_echo", "")
    assert one.read() == dumps(solved).encode()


def test_the_latest_before_the_due_date_counts(course, solved, tmp_path):
    due = datetime.fromisoformat("2026-03-01T12:00+00:00")
    for name, minutes in (("early", -60), ("right", -5), ("late", 5)):
        path = tmp_path / "ada" / f"{name}_03_echo.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dumps(solved), encoding="utf-8")
        moment = (due + timedelta(minutes=minutes)).timestamp()
        os.utime(path, (moment, moment))
    everything = collect.collect(course, tmp_path)
    (one,) = collect.choose(everything, due)
    assert (one.path.stem, one.late, len(one.superseded)) == ("right_03_echo", False, 2)
    (one,) = collect.choose(everything, due - timedelta(days=1))
    assert (one.path.stem, one.late) == ("late_03_echo", True)
    (one,) = collect.choose(everything, None)
    assert (one.path.stem, one.late) == ("late_03_echo", False)


@pytest.mark.parametrize("make", ["", "empty"])
def test_a_place_without_submissions_is_refused(course, tmp_path, make):
    if make:
        (tmp_path / make).mkdir()
    with pytest.raises(CourseError, match="does not exist|holds no submission"):
        collect.collect(course, tmp_path / (make or "nowhere"))


@pytest.mark.parametrize(
    ("name", "student", "rest"),
    [
        ("ada__03_echo.ipynb", "ada", "03_echo.ipynb"),
        ("ada_03_echo.ipynb", "ada", "03_echo.ipynb"),
        ("Ada L_4711_assignsubmission_file_03_echo.ipynb", "Ada L", "03_echo.ipynb"),
        ("lovelaceada_LATE_1_2_work.ipynb", "lovelaceada", "work.ipynb"),
        ("homework.ipynb", "homework", "homework.ipynb"),
        (" __x.ipynb", " __x", " __x.ipynb"),
    ],
)
def test_a_file_name_holds_a_student(name: str, student: str, rest: str) -> None:
    assert collect.student_of(name, ["03_echo"]) == (student, rest)


def test_what_a_file_system_can_hold_is_a_row_with_a_problem(course, solved, tmp_path):
    (tmp_path / "secret.ipynb").write_text(dumps(solved), encoding="utf-8")
    place = tmp_path / "in"
    (place / "bob").mkdir(parents=True)
    (place / "ada__03_echo.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (place / "cy__03_echo.ipynb").mkdir()
    (place / "dan__x.zip").write_bytes(b"no zip")
    problems = {student: problem for student, (_, problem) in found(course, place).items()}
    assert "symbolic link" in problems["ada"] and "is a folder" in problems["cy"]
    assert problems["bob"] == "bob holds no notebook" and "no zip file" in problems["dan"]
