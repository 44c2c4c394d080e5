"""`course site`: where the pages go, and an exit code for Sphinx's warnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.cli import main
from course_app.manifest import Course
from course_app.setup import python_packages
from course_app.site import sphinx_build


@pytest.mark.parametrize(("warnings", "code"), [([], 0), (["a.md: WARNING: no such link"], 1)])
def test_a_warning_is_shown_and_fails(
    sums: Course,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    warnings: list[str],
    code: int,
) -> None:
    asked: list[tuple[Path, str]] = []

    def build(course: Course, out: Path, repository: str) -> list[str]:
        asked.append((out, repository))
        return warnings

    monkeypatch.setattr(sphinx_build, "build_site", build)
    monkeypatch.setattr(python_packages, "need", lambda name, lock: None)
    monkeypatch.chdir(sums.root)
    assert main(["site", "--out", str(tmp_path / "pages"), "--repository", "https://github.com/a/b"]) == code
    assert asked == [(tmp_path / "pages", "https://github.com/a/b")]
    output = capsys.readouterr().out
    assert all(warning in output for warning in warnings) and f"the site is in {tmp_path / 'pages'}" in output
