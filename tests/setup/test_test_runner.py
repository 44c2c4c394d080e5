"""`course test`: every part runs, and the last lines tell the truth."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from course_app.setup import test_parts, test_runner
from course_app.setup.test_parts import Part
from tests.support.paths import ROOT


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


FLAKY = """
import pathlib, sys
mark = pathlib.Path("been-here")
print("FAILED tests/test_x.py::test_y[one two] - busy" if not mark.exists() else "1 passed in 0.1s")
print("ERROR    uvicorn.error:on.py:134 a line of a log is no failure\\n" * 20)
print("1 failed, 4 passed in 0.1s" if not mark.exists() else "")
code = 0 if mark.exists() else 1
mark.touch()
sys.exit(code)
"""


def run_twice(folder: Path, code: str) -> test_runner.Result:
    words = (sys.executable, "-c", code)
    (result,) = test_runner.run(folder, (Part("flaky", words, "x", again=words),), say=lambda text: None)
    return result


def test_on_a_developers_machine_a_second_try_is_enough_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = run_twice(tmp_path, FLAKY)
    assert result.code == 0
    *_, count, named = test_runner.closing([result])
    assert count == "5 passed, 0 failed"
    assert named.startswith("passed only on a second try: tests/test_x.py::test_y[one two], and is not marked `timing`")


def test_in_ci_a_second_try_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = run_twice(tmp_path, FLAKY)
    assert result.code == 1
    *_, count, named = test_runner.closing([result])
    assert count == "4 passed, 1 failed"
    assert "tests/test_x.py::test_y[one two], and is not marked `timing`" in named


def test_in_ci_a_second_try_is_enough_for_a_test_of_time_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    code = FLAKY.replace("busy", "busy\\nTIMING tests/test_x.py::test_y[one two]")
    result = run_twice(tmp_path, code)
    assert result.code == 0
    assert test_runner.closing([result])[-1] == "passed only on a second try: tests/test_x.py::test_y[one two]"


def test_the_mark_is_told_by_pytest_itself(tmp_path: Path) -> None:
    """A test with the mark that fails has a line of its own in the part's output, by the name that pytest gives it."""
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_terminal_summary", encoding="utf-8")
    (tmp_path / "test_x.py").write_text(
        "import pytest\n\n@pytest.mark.timing('why')\n@pytest.mark.parametrize('n', ['one two'])\n"
        "def test_y(n):\n    assert False\n\ndef test_z():\n    assert False\n",
        encoding="utf-8",
    )
    words = (sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), ".")
    result = test_runner.run_part(tmp_path, Part("x", words, "x"))
    assert test_runner.TIMING.findall(result.output) == ["test_x.py::test_y[one two]"]
    assert test_runner.FAILURE.findall(result.output) == ["test_x.py::test_y[one two]", "test_x.py::test_z"]


def test_what_fails_twice_has_failed(tmp_path: Path) -> None:
    result = run_twice(tmp_path, FLAKY.replace("mark.touch()", ""))
    assert result.code == 1
    assert test_runner.closing([result])[-1] == "4 passed, 1 failed"


def test_a_part_that_takes_too_long_is_stopped_and_has_failed(tmp_path: Path) -> None:
    words = (sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)")
    result = test_runner.run_part(tmp_path, Part("slow", words, "x", limit=1.0))
    assert result.code != 0
    assert result.output.splitlines() == ["begun", "slow was stopped after its 1 s"]
    assert result.seconds < 30


ENVIRONMENT = "import os; print(os.environ.get('COVERAGE_PROCESS_START', 'not measured'))"


def test_parts_are_measured_where_the_run_ends_with_coverage(tmp_path: Path) -> None:
    words = (sys.executable, "-c", ENVIRONMENT)
    one, other = Part("one", words, "x", measured=True), Part("other", words, "x")
    last = Part("last", words, test_parts.LAST)
    (tmp_path / "pyproject.toml").write_text("[tool.coverage.run]\nsource = ['.']\n", encoding="utf-8")

    def told(*chosen: Part) -> list[str]:
        return [one.output.splitlines()[0] for one in test_runner.run(tmp_path, chosen, lambda text: None)]

    assert told(one, other, last) == [str(tmp_path / "pyproject.toml"), "not measured", "not measured"]
    assert told(one, other) == ["not measured", "not measured"]
