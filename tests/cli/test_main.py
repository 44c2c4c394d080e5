"""The `course` command as a person at a terminal meets it."""

from __future__ import annotations

import json

import pytest

from course_app.cli import COMMANDS, main
from course_app.learner.progress import answer_cells
from course_app.manifest import Course
from course_app.nb.files import read, write

WRONG = "once_app = None\n"


def answer_echo_1(course: Course, source: str) -> None:
    path = course.exercise_path(course.lesson("echo"))
    nb = read(path)
    answer_cells(nb)["echo-1-stub"]["source"] = source
    write(path, nb)


def test_usage_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "for learners" in capsys.readouterr().out


def test_unknown_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hnt"]) == 2
    assert capsys.readouterr().err == "course: no command is called 'hnt'; did you mean 'hint'?\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 4


def test_unknown_task_is_one_line_with_the_nearest(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hint", "eco.1"]) == 2
    assert capsys.readouterr().err == "course: no task is called 'eco.1'; did you mean 'echo.1'?\n"


def test_hints_go_deeper_and_stop_at_the_last(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    hints = own_course.task("echo.1").hints
    for _ in range(len(hints) + 1):
        assert main(["hint", "echo.1"]) == 0
    said = capsys.readouterr().out
    assert [said.index(hint) for hint in hints] == sorted(said.index(hint) for hint in hints)
    assert "last hint" in said


def test_solution_only_when_asked_twice(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solution", "echo.1"]) == 1
    assert "receive_text" not in capsys.readouterr().out
    assert main(["solution", "echo.1"]) == 0
    shown = capsys.readouterr().out
    assert "receive_text" in shown and "SOLUTION" not in shown


def test_list_tells_fresh_attempted_and_passed(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "echo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["tasks"]["echo.1"] == "fresh"
    answer_echo_1(own_course, WRONG)
    main(["list", "echo", "--json"])
    assert json.loads(capsys.readouterr().out)[0]["tasks"]["echo.1"] == "attempted"


def test_reset_keeps_what_was_there(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    path = own_course.exercise_path(own_course.lesson("echo"))
    fresh = path.read_bytes()
    answer_echo_1(own_course, WRONG)
    mine = path.read_bytes()
    assert main(["reset", "echo.1"]) == 0
    assert answer_cells(read(path))["echo-1-stub"] == answer_cells(read_bytes(fresh))["echo-1-stub"]
    kept = own_course.root / capsys.readouterr().out.split(" is in ")[1].strip().rstrip(".")
    assert kept.read_bytes() == mine


def test_reset_of_a_whole_exercise_survives_a_broken_file(own_course: Course) -> None:
    path = own_course.exercise_path(own_course.lesson("echo"))
    fresh = path.read_bytes()
    path.write_text("{ not a notebook")
    assert main(["reset", "echo"]) == 0
    assert path.read_bytes() == fresh
    assert [one.read_text() for one in (own_course.root / ".course" / "backups").iterdir()] == ["{ not a notebook"]


def test_reset_of_a_lesson_without_exercise_says_so(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reset", "start"]) == 2
    assert "has no exercise" in capsys.readouterr().err


def test_build_check_sees_a_stale_exercise(own_course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--check"]) == 0
    answer_echo_1(own_course, WRONG)
    assert main(["build", "--check"]) == 1
    assert '-    "once_app = None' in capsys.readouterr().out
    assert main(["build"]) == 0
    assert main(["build", "--check"]) == 0


def test_outside_a_course_the_way_out_is_named(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert main(["list"]) == 2
    assert "unset it or point it at the course" in capsys.readouterr().err


def read_bytes(data: bytes) -> dict[str, object]:
    from course_app.nb.files import parse

    return parse(data, "the fresh exercise")
