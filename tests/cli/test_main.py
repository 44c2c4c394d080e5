"""The `course` command as a person at a terminal meets it."""

from __future__ import annotations

import pytest

from course_app.cli import COMMANDS, main


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


def test_outside_a_course_the_error_says_what_to_do(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert main(["list"]) == 2
    assert "unset it or point it at the course" in capsys.readouterr().err
