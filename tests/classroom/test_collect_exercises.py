"""Exercises are collected from folders that learners control: their work, and no file that a link leads to."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from course_app.classroom.collect_exercises import COLLECTED, MISSING, REFUSED, SAME, UNTOUCHED, collect
from course_app.classroom.learner_folders import learner_folders as learners
from course_app.grading.collect import choose
from course_app.grading.collect import collect as submissions
from course_app.manifest import Course, Lesson
from tests.support.hub import answer, exercise_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a hub runs on Linux and macOS only")


@pytest.fixture
def lesson(built: Course) -> Lesson:
    return built.exercises[0]


def outcomes(course: Course, homes: Path, out: Path) -> dict[str, str]:
    return {item.user: item.outcome for item in collect(course, learners(homes), out, course.exercises)}


def test_what_was_worked_on_is_collected(built: Course, homes: Path, lesson: Lesson, tmp_path: Path) -> None:
    answer(homes, "ada", lesson, "mine = 1")
    assert outcomes(built, homes, tmp_path / "in") == {"ada": COLLECTED, "grace": UNTOUCHED}
    found = {one.student: one for one in submissions(built, tmp_path / "in")}
    assert found["ada"].lesson == lesson.stem and found["ada"].read() == exercise_of(homes, "ada", lesson).read_bytes()
    assert found["grace"].problem, "who did nothing is in the grades too"


def test_collecting_again_keeps_every_version(built: Course, homes: Path, lesson: Lesson, tmp_path: Path) -> None:
    answer(homes, "ada", lesson, "mine = 1")
    outcomes(built, homes, tmp_path / "in")
    assert outcomes(built, homes, tmp_path / "in")["ada"] == SAME
    answer(homes, "ada", lesson, "mine = 2")
    assert outcomes(built, homes, tmp_path / "in")["ada"] == COLLECTED
    (best,) = (one for one in choose(submissions(built, tmp_path / "in"), None) if one.student == "ada")
    assert b"mine = 2" in best.read() and len(best.superseded) == 1


def test_a_learner_cannot_date_their_work_back(built: Course, homes: Path, lesson: Lesson, tmp_path: Path) -> None:
    answer(homes, "ada", lesson, "mine = 1")
    os.utime(exercise_of(homes, "ada", lesson), (0, 0))
    outcomes(built, homes, tmp_path / "in")
    received = next(one.received for one in submissions(built, tmp_path / "in") if one.student == "ada")
    assert abs(datetime.now().astimezone() - received) < timedelta(minutes=5)


def test_a_broken_file_is_collected_for_the_grader_to_name(
    built: Course, homes: Path, lesson: Lesson, tmp_path: Path
) -> None:
    exercise_of(homes, "ada", lesson).write_text("{ half a notebook")
    exercise_of(homes, "grace", lesson).unlink()
    assert outcomes(built, homes, tmp_path / "in") == {"ada": COLLECTED, "grace": MISSING}


def link_file(path: Path, secret: Path) -> None:
    path.unlink()
    path.symlink_to(secret)


def link_folder(path: Path, secret: Path) -> None:
    (secret.parent / "others").mkdir()
    shutil.copy(secret, secret.parent / "others" / path.name)
    shutil.rmtree(path.parent)
    path.parent.symlink_to(secret.parent / "others")


def fifo(path: Path, secret: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path, secret: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("trick", [link_file, link_folder, fifo, folder], ids=lambda trick: trick.__name__)
def test_nothing_that_a_learner_points_at_is_collected(
    built: Course, homes: Path, lesson: Lesson, tmp_path: Path, trick: object
) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_text("the exam of next week")
    trick(exercise_of(homes, "grace", lesson), secret)  # type: ignore[operator]
    answer(homes, "ada", lesson, "mine = 1")
    items = {item.user: item for item in collect(built, learners(homes), tmp_path / "in", built.exercises)}
    assert items["ada"].outcome == COLLECTED
    assert items["grace"].outcome == REFUSED and items["grace"].detail.startswith("grace: ")
    assert not any("exam" in path.read_text() for path in (tmp_path / "in").rglob("*.ipynb"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make another user's file")
def test_a_hard_link_to_another_users_file_is_refused(
    built: Course, homes: Path, lesson: Lesson, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_text("the exam of next week")
    os.chown(secret, 12345, 12345)
    exercise_of(homes, "grace", lesson).unlink()
    os.link(secret, exercise_of(homes, "grace", lesson))
    (item,) = (one for one in collect(built, learners(homes), tmp_path / "in", built.exercises) if one.user == "grace")
    assert item.outcome == REFUSED and "another user" in item.detail
