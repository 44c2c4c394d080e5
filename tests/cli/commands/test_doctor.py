"""`course doctor`: a line per finding, the command that fixes it, and an exit code."""

from __future__ import annotations

import json

import pytest

from course_app.cli import main
from course_app.cli.commands import doctor
from course_app.setup.environment_checks import Finding

GOOD, BAD = Finding("python", True, "3.11 in /venv"), Finding("kernel", False, "none is called python3", "make lab")


@pytest.mark.parametrize(("findings", "code"), [([GOOD], 0), ([GOOD, BAD], 1)])
def test_the_exit_code_says_whether_all_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], findings: list[Finding], code: int
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda root: iter(findings))
    assert main(["doctor"]) == code
    assert capsys.readouterr().out.count("✔") == 1


def test_a_fault_has_the_command_that_fixes_it() -> None:
    assert doctor.line(GOOD) == "✔ python     3.11 in /venv"
    assert doctor.line(BAD) == "✘ kernel     none is called python3\n  fix with   make lab"


def test_json_holds_the_same(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "examine", lambda root: iter([GOOD, BAD]))
    assert main(["doctor", "--json"]) == 1
    assert [(found["name"], found["ok"], found["fix"]) for found in json.loads(capsys.readouterr().out)] == [
        ("python", True, ""),
        ("kernel", False, "make lab"),
    ]
