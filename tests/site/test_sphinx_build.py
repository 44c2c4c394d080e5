"""What can go wrong around Sphinx is one line; tests/browser/test_site.py builds the real site."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_app.errors import CourseError
from course_app.manifest import Course
from course_app.site import sphinx_build
from course_app.site.sphinx_build import build_site, repository_of


def fake_sphinx(monkeypatch: pytest.MonkeyPatch, code: int, stderr: str) -> None:
    """Let `subprocess.run` write one page, and end as told."""

    def run(command: list[str], **_: object) -> SimpleNamespace:
        pages = Path(command[-1])
        pages.mkdir(parents=True)
        (pages / "index.html").write_text("page")
        return SimpleNamespace(returncode=code, stderr=stderr)

    monkeypatch.setattr(sphinx_build, "stage", lambda *_: None)
    monkeypatch.setattr(subprocess, "run", run)


def test_pages_are_copied_and_warnings_returned(sums: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = sums.root / ".course" / "site"
    fake_sphinx(monkeypatch, 0, f"{staged}/a.md:1: WARNING: no such link\nsomething else\n")
    assert build_site(sums, tmp_path / "out") == ["a.md:1: WARNING: no such link"]
    assert (tmp_path / "out" / "index.html").read_text() == "page"


@pytest.mark.parametrize(
    ("stderr", "message"),
    [("No module named sphinx", "the site needs Sphinx: run `make site`"), ("a\nlast line", "Sphinx failed: last line"),
     ("", "Sphinx failed: exit code 2")],
)  # fmt: skip
def test_a_failure_is_one_line(
    sums: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str, message: str
) -> None:
    fake_sphinx(monkeypatch, 2, stderr)
    with pytest.raises(CourseError, match=message):
        build_site(sums, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("origin", "address"),
    [("git@github.com:a/b.git", "https://github.com/a/b.git"), ("https://github.com/a/b", "https://github.com/a/b")],
)
def test_the_clones_origin_is_an_https_address(sums: Course, origin: str, address: str) -> None:
    assert repository_of(sums) == ""
    for words in (["init", "-q"], ["remote", "add", "origin", origin]):
        subprocess.run(["git", "-C", str(sums.root), *words], check=True, capture_output=True)
    assert repository_of(sums) == address
