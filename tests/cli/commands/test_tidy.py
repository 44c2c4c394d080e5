"""`course tidy`: untidy notebooks are written, or shown with --check."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.cli import main
from course_app.manifest import Course
from course_app.nb.files import read, write


@pytest.fixture
def untidy(sums: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a solution in which an editor has left a count."""
    monkeypatch.chdir(sums.root)
    path = sums.solution_path(sums.exercises[0])
    nb = read(path)
    next(cell for cell in nb["cells"] if cell["cell_type"] == "code")["execution_count"] = 77
    write(path, nb)
    return path


@pytest.mark.parametrize("named", [False, True])
def test_check_shows_what_differs_and_the_next_run_writes_it(
    untidy: Path, capsys: pytest.CaptureFixture[str], named: bool
) -> None:
    words = [str(untidy)] if named else []
    before = untidy.read_bytes()
    assert main(["tidy", "--check", *words]) == 1
    assert '-   "execution_count": 77,' in capsys.readouterr().out and untidy.read_bytes() == before
    assert main(["tidy", *words]) == 0
    assert capsys.readouterr().out == f"tidied {untidy}\n"
    assert main(["tidy", "--check", *words]) == 0


def test_an_exercise_is_refused(sums: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tidy", str(sums.exercise_path(sums.exercises[0]))]) == 2
    assert "is generated from solutions/; run `course build`" in capsys.readouterr().err
