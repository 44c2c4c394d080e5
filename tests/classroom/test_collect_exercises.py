"""Collecting and giving back across folders that learners control: what they wrote, and nothing that they point at."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from course_app.classroom.collect_exercises import COLLECTED, MISSING, REFUSED, SAME, UNTOUCHED, collect
from course_app.classroom.learner_folders import learner_folders as learners
from course_app.classroom.return_feedback import return_feedback
from course_app.cli import main
from course_app.errors import CourseError
from course_app.grading.collect import choose
from course_app.grading.collect import collect as submissions
from course_app.manifest import Course, Lesson
from course_app.nb.files import read, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a hub runs on Linux and macOS only")


@pytest.fixture
def lesson(built: Course) -> Lesson:
    return built.exercises[0]


def work(homes: Path, name: str, lesson: Lesson) -> Path:
    return homes / name / "course" / "exercises" / f"{lesson.stem}.ipynb"


def answer(homes: Path, name: str, lesson: Lesson, text: str) -> None:
    path = work(homes, name, lesson)
    nb = read(path)
    next(cell for cell in nb["cells"] if cell["id"] == lesson.tasks[0].answer_cell)["source"] = text
    write(path, nb)


def outcomes(course: Course, homes: Path, out: Path) -> dict[str, str]:
    return {item.user: item.outcome for item in collect(course, learners(homes), out, course.exercises)}


def test_what_was_worked_on_is_collected(built: Course, homes: Path, lesson: Lesson, tmp_path: Path) -> None:
    answer(homes, "ada", lesson, "mine = 1")
    assert outcomes(built, homes, tmp_path / "in") == {"ada": COLLECTED, "grace": UNTOUCHED}
    found = {one.student: one for one in submissions(built, tmp_path / "in")}
    assert found["ada"].lesson == lesson.stem and found["ada"].read() == work(homes, "ada", lesson).read_bytes()
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
    os.utime(work(homes, "ada", lesson), (0, 0))
    outcomes(built, homes, tmp_path / "in")
    received = next(one.received for one in submissions(built, tmp_path / "in") if one.student == "ada")
    assert abs(datetime.now().astimezone() - received) < timedelta(minutes=5)


def test_a_broken_file_is_collected_for_the_grader_to_name(
    built: Course, homes: Path, lesson: Lesson, tmp_path: Path
) -> None:
    work(homes, "ada", lesson).write_text("{ half a notebook")
    work(homes, "grace", lesson).unlink()
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
    trick(work(homes, "grace", lesson), secret)  # type: ignore[operator]
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
    work(homes, "grace", lesson).unlink()
    os.link(secret, work(homes, "grace", lesson))
    (item,) = (one for one in collect(built, learners(homes), tmp_path / "in", built.exercises) if one.user == "grace")
    assert item.outcome == REFUSED and "another user" in item.detail


def test_a_home_that_is_a_link_is_nobodys(homes: Path, tmp_path: Path) -> None:
    (homes / "mallory").symlink_to(homes / "ada")
    (homes / "eve").mkdir()
    (homes / "eve" / "course").symlink_to(homes / "ada" / "course")
    assert [home.user for home in learners(homes)] == ["ada", "grace"]
    with pytest.raises(CourseError, match="no folder in"):
        learners(homes, "elsewhere")
    with pytest.raises(CourseError, match="is no folder"):
        learners(tmp_path / "nowhere")


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """Return what `course grade` would have written, with a file name that is not the student's."""
    place = tmp_path / "week-1"
    (place / "feedback").mkdir(parents=True)
    (place / "feedback" / "ada-2.html").write_text("well done, ada")
    students = [{"student": "ada", "feedback": "feedback/ada-2.html"}]
    (place / "grades.json").write_text(json.dumps({"students": students}))
    return place


def test_each_learner_gets_their_own_page(homes: Path, graded: Path) -> None:
    assert return_feedback(graded, learners(homes)) == {"ada": "feedback/week-1.html", "grace": "nothing graded"}
    assert (homes / "ada" / "course" / "feedback" / "week-1.html").read_text() == "well done, ada"
    assert not (homes / "grace" / "course" / "feedback").exists()


def test_an_earlier_page_stays_and_the_same_one_is_replaced(homes: Path, graded: Path) -> None:
    return_feedback(graded, learners(homes))
    (graded / "feedback" / "ada-2.html").write_text("better still")
    return_feedback(graded, learners(homes))
    later = graded.rename(graded.with_name("week-2"))
    return_feedback(later, learners(homes))
    pages = sorted(path.name for path in (homes / "ada" / "course" / "feedback").iterdir())
    assert pages == ["week-1.html", "week-2.html"]
    assert (homes / "ada" / "course" / "feedback" / "week-1.html").read_text() == "better still"


def test_feedback_is_never_written_through_a_link(homes: Path, graded: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (homes / "ada" / "course" / "feedback").symlink_to(tmp_path / "etc")
    assert "link" in return_feedback(graded, learners(homes))["ada"]
    assert list((tmp_path / "etc").iterdir()) == []
    (homes / "ada" / "course" / "feedback").unlink()

    precious = tmp_path / "precious.html"
    precious.write_text("precious")
    (homes / "ada" / "course" / "feedback").mkdir()
    (homes / "ada" / "course" / "feedback" / "week-1.html").symlink_to(precious)
    assert return_feedback(graded, learners(homes))["ada"] == "feedback/week-1.html"
    assert precious.read_text() == "precious", "the link gives way, not what it points at"


def test_what_is_no_gradebook_is_one_line(homes: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="is not what `course grade --out` writes"):
        return_feedback(tmp_path, learners(homes))


def test_the_commands_say_what_they_did(
    built: Course, homes: Path, lesson: Lesson, graded: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(built.root)
    answer(homes, "ada", lesson, "mine = 1")
    assert main(["collect", str(homes), "--out", str(tmp_path / "in"), "--exercise", lesson.slug]) == 0
    assert "ada: 1 collected\ngrace: 1 untouched\n" in capsys.readouterr().out
    link_file(work(homes, "grace", lesson), tmp_path / "elsewhere")
    assert main(["collect", str(homes), "--out", str(tmp_path / "in")]) == 1
    assert "is a link or cannot be read" in capsys.readouterr().out
    assert main(["feedback", str(graded), str(homes)]) == 0
    assert "ada: feedback/week-1.html\ngrace: nothing graded\n" in capsys.readouterr().out
    shutil.rmtree(homes / "ada")
    assert main(["feedback", str(graded), str(homes)]) == 1
    assert "for: ada" in capsys.readouterr().out
    assert main(["collect", str(homes), "--out", str(tmp_path / "in"), "--exercise", "nonsense"]) == 2
