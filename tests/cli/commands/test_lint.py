"""`course lint`: errors fail, advice fails with --strict only, and --quiet shows what fails."""

from __future__ import annotations

import json

import pytest

from course_app.cli import main
from course_app.cli.commands import lint
from course_app.nb.lint import Finding, Result

ERROR = Finding("a.ipynb", "a-1", "error", "empty", "the cell is empty")
ADVICE = Finding("a.ipynb", "", "advice", "words", "900 words")
ACCEPTED = Finding("a.ipynb", "", "advice", "words", "900 words", "it is a reference")


@pytest.fixture(autouse=True)
def no_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    """The course's own answers are not what these tests are about."""
    monkeypatch.setattr(lint, "lint_requirements", lambda course: [])


def test_requirements_are_among_the_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint, "lint_course", lambda course: [])
    assert main(["lint"]) == 0
    monkeypatch.setattr(lint, "lint_requirements", lambda course: [Result("requirements.toml", None, (ERROR,))])
    assert main(["lint"]) == 1


@pytest.mark.parametrize(
    ("finding", "plain", "strict"), [(ERROR, 1, 1), (ADVICE, 0, 1), (ACCEPTED, 0, 0)], ids=["error", "advice", "reason"]
)
def test_the_exit_code(monkeypatch: pytest.MonkeyPatch, finding: Finding, plain: int, strict: int) -> None:
    monkeypatch.setattr(lint, "lint_course", lambda course: [Result("a.ipynb", None, (finding,))])
    assert (main(["lint"]), main(["lint", "--strict"])) == (plain, strict)


def test_quiet_shows_what_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(lint, "lint_course", lambda course: [Result("a.ipynb", None, (ERROR, ADVICE))])
    main(["lint", "--quiet"])
    assert capsys.readouterr().out == "  a.ipynb: cell a-1: the cell is empty (error: empty)\n"
    main(["lint"])
    assert "900 words (advice: words)" in capsys.readouterr().out


def test_json_holds_every_finding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(lint, "lint_course", lambda course: [Result("a.ipynb", None, (ERROR, ADVICE))])
    assert main(["lint", "--json"]) == 1
    [row] = json.loads(capsys.readouterr().out)
    assert [found["rule"] for found in row["findings"]] == ["empty", "words"]
