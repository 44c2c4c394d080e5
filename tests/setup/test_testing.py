"""`course test`: every part runs, and the last lines tell the truth."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from course_app.errors import CourseError
from course_app.setup import testing
from course_app.setup.testing import Part


def part(name: str, code: str, live: bool = False) -> Part:
    return Part(name, (sys.executable, "-c", code), live=live)


def test_a_failed_part_stops_no_other_and_is_named(tmp_path: Path) -> None:
    said: list[str] = []
    chosen = (
        part("bad", "import sys; print('why it failed'); sys.exit(3)"),
        part("good", "print('nobody needs to read this')"),
        part("count", "print('1 failed, 4 passed in 0.5s'); import sys; sys.exit(1)", live=True),
        part("last", "print('==== 6 passed, 2 skipped in 0.1s ====')", live=True),
    )
    results = testing.run(tmp_path, chosen, said.append)
    assert [(result.part.name, result.code) for result in results] == [
        ("bad", 3),
        ("good", 0),
        ("count", 1),
        ("last", 0),
    ]
    assert "why it failed" in said
    assert "nobody needs to read this" not in said
    last = testing.closing(results)
    assert [line.split()[0] for line in last[1:-1]] == ["FAILED", "ok", "FAILED", "ok"]
    assert last[-2].endswith("6 passed, 2 skipped in 0.1s")
    assert last[-1] == "10 passed, 1 failed, 2 skipped"


def test_a_process_that_outlives_its_part_holds_nobody_up(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.Popen(['sleep', '30']); print('said', flush=True); sys.exit(4)"
    result = testing.run_part(tmp_path, part("leaky", code))
    assert (result.code, result.output) == (4, "said")
    assert result.seconds < 20


def test_parts_run_with_the_variables_of_the_course_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_SOCKET_DIR", "/nowhere")
    result = testing.run_part(
        tmp_path, part("env", "import os; print([n for n in os.environ if n.startswith('COURSE_')])")
    )
    assert result.output == "[]"


def test_parts_are_chosen_by_name_and_keep_their_order() -> None:
    known = testing.parts(2)
    assert [one.name for one in testing.choose(["unit", "ruff"], known)] == ["ruff", "unit"]
    assert testing.choose([], known) == known


def test_an_unknown_part_gets_the_nearest_name() -> None:
    with pytest.raises(CourseError, match="no part of the tests is called 'unti'; did you mean 'unit'"):
        testing.choose(["unti"], testing.parts(2))


def test_no_part_but_the_browsers_needs_a_browser() -> None:
    assert [one.name for one in testing.parts(2) if one.needs_browser] == ["browser"]


def test_parts_that_run_lessons_have_the_servers_of_the_lessons() -> None:
    assert [one.name for one in testing.parts(2) if one.needs_programs] == ["notebooks", "browser", "unit"]


FLAKY = """
import pathlib, sys
mark = pathlib.Path("been-here")
print("FAILED tests/test_x.py::test_y - busy" if not mark.exists() else "1 passed in 0.1s")
print("1 failed, 4 passed in 0.1s" if not mark.exists() else "")
code = 0 if mark.exists() else 1
mark.touch()
sys.exit(code)
"""


def test_what_fails_once_gets_a_second_try_and_is_named(tmp_path: Path) -> None:
    words = (sys.executable, "-c", FLAKY)
    (result,) = testing.run(tmp_path, (testing.Part("flaky", words, live=True, again=words),), say=lambda text: None)
    assert result.code == 0
    assert result.summary == "5 passed, these on a second try: tests/test_x.py::test_y"
    assert testing.closing([result])[-1] == "5 passed, 0 failed"


def test_what_fails_twice_has_failed(tmp_path: Path) -> None:
    words = (sys.executable, "-c", FLAKY.replace("mark.touch()", ""))
    (result,) = testing.run(tmp_path, (testing.Part("broken", words, live=True, again=words),), say=lambda text: None)
    assert result.code == 1
    assert testing.closing([result])[-1] == "4 passed, 1 failed"
