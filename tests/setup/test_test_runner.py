"""`course test`: every part runs, and the last lines tell the truth."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from course_app.errors import CourseError
from course_app.setup import test_runner
from course_app.setup.test_runner import Part


def part(name: str, code: str, lane: str = "") -> Part:
    return Part(name, (sys.executable, "-c", code), lane)


def test_a_failed_part_stops_no_other_and_is_named(tmp_path: Path) -> None:
    said: list[str] = []
    chosen = (
        part("bad", "import sys; print('why it failed'); sys.exit(3)"),
        part("good", "print('nobody needs to read this')"),
        part("count", "print('1 failed, 4 passed in 0.5s'); import sys; sys.exit(1)", "one"),
        part("last", "print('==== 6 passed, 2 skipped in 0.1s ====')", "two"),
    )
    results = test_runner.run(tmp_path, chosen, said.append)
    assert [(result.part.name, result.code) for result in results] == [
        ("bad", 3),
        ("good", 0),
        ("count", 1),
        ("last", 0),
    ]
    assert "why it failed" in said
    assert "nobody needs to read this" not in said
    last = test_runner.closing(results)
    assert [line.split()[0] for line in last[1:-1]] == ["FAILED", "ok", "FAILED", "ok"]
    assert last[-2].endswith("6 passed, 2 skipped in 0.1s")
    assert last[-1] == "10 passed, 1 failed, 2 skipped"


def test_a_process_that_outlives_its_part_holds_nobody_up(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.Popen(['sleep', '30']); print('said', flush=True); sys.exit(4)"
    result = test_runner.run_part(tmp_path, part("leaky", code))
    assert (result.code, result.output) == (4, "said")
    assert result.seconds < 20


def test_parts_run_with_the_variables_of_the_course_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_SOCKET_DIR", "/nowhere")
    result = test_runner.run_part(
        tmp_path, part("env", "import os; print([n for n in os.environ if n.startswith('COURSE_')])")
    )
    assert result.output == "[]"


MEET = """
import pathlib, sys, time
pathlib.Path("here-{me}").touch()
end = time.monotonic() + 20
while not pathlib.Path("here-{other}").exists() and time.monotonic() < end:
    time.sleep(0.01)
sys.exit(not pathlib.Path("here-{other}").exists())
"""


def test_lanes_run_side_by_side_and_the_parts_of_one_after_each_other(tmp_path: Path) -> None:
    first = "import pathlib, time; time.sleep(0.3); pathlib.Path('first').touch()"
    chosen = (
        part("a", MEET.format(me="a", other="b"), "one"),
        part("b", MEET.format(me="b", other="a"), "two"),
        part("c", first, "three"),
        part("d", "import pathlib, sys; sys.exit(not pathlib.Path('first').exists())", "three"),
    )
    results = test_runner.run(tmp_path, chosen, lambda text: None)
    assert [(one.part.name, one.code) for one in results] == [("a", 0), ("b", 0), ("c", 0), ("d", 0)]


def test_a_part_speaks_in_one_piece_and_a_long_wait_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_runner, "SIGN_OF_LIFE", 0.2)
    talk = "import time\nfor n in range(5): print('{}', n, flush=True); time.sleep(0.1)"
    said: list[str] = []
    test_runner.run(tmp_path, (part("x", talk.format("x"), "one"), part("y", talk.format("y"), "two")), said.append)
    assert any(text.endswith("x 0\nx 1\nx 2\nx 3\nx 4") for text in said)
    assert any(text.endswith("y 0\ny 1\ny 2\ny 3\ny 4") for text in said)
    assert any(text.startswith("... x, y still running after") for text in said)


def test_parts_are_chosen_by_name_and_keep_their_order() -> None:
    known = test_runner.parts(2)
    assert [one.name for one in test_runner.choose(["unit", "ruff"], known)] == ["ruff", "unit"]
    assert test_runner.choose([], known) == known


def test_an_unknown_part_gets_the_nearest_name() -> None:
    with pytest.raises(CourseError, match="no part of the tests is called 'unti'; did you mean 'unit'"):
        test_runner.choose(["unti"], test_runner.parts(2))


def test_no_part_but_the_browsers_needs_a_browser() -> None:
    assert [one.name for one in test_runner.parts(2) if one.needs_browser] == ["browser"]


def test_parts_that_run_lessons_have_the_servers_of_the_lessons() -> None:
    assert [one.name for one in test_runner.parts(2) if one.needs_programs] == ["notebooks", "browser", "unit"]


FLAKY = """
import pathlib, sys
mark = pathlib.Path("been-here")
print("FAILED tests/test_x.py::test_y - busy" if not mark.exists() else "1 passed in 0.1s")
print("ERROR    uvicorn.error:on.py:134 a line of a log is no failure\\n" * 20)
print("1 failed, 4 passed in 0.1s" if not mark.exists() else "")
code = 0 if mark.exists() else 1
mark.touch()
sys.exit(code)
"""


def test_what_fails_once_gets_a_second_try_and_is_named(tmp_path: Path) -> None:
    words = (sys.executable, "-c", FLAKY)
    (result,) = test_runner.run(tmp_path, (test_runner.Part("flaky", words, "x", again=words),), say=lambda text: None)
    assert result.code == 0
    assert result.summary == "5 passed, these on a second try: tests/test_x.py::test_y"
    assert test_runner.closing([result])[-1] == "5 passed, 0 failed"


def test_what_fails_twice_has_failed(tmp_path: Path) -> None:
    words = (sys.executable, "-c", FLAKY.replace("mark.touch()", ""))
    (result,) = test_runner.run(tmp_path, (test_runner.Part("broken", words, "x", again=words),), say=lambda text: None)
    assert result.code == 1
    assert test_runner.closing([result])[-1] == "4 passed, 1 failed"
