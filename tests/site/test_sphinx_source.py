"""The folder that Sphinx reads: every notebook, the pages that link to them, and nothing of an earlier run."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.manifest import Course
from course_app.nb.files import read, write
from course_app.site.sphinx_source import index, stage


@pytest.fixture
def lessons(built: Course) -> Course:
    """Return the course with a lesson's notebook and a document."""
    cell = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Sums"}
    (built.root / "notebooks").mkdir(exist_ok=True)
    for lesson in built.lessons:
        write(built.lesson_path(lesson), {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (built.root / "docs").mkdir()
    (built.root / "docs" / "glossary.md").write_text("# Glossary", encoding="utf-8")
    return built


def test_everything_is_staged_and_what_was_there_goes(lessons: Course, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "old.md").write_text("of an earlier run")
    stage(lessons, tmp_path / "site")
    names = {path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*.*")}
    assert {"index.md", "lessons.md", "exercises.md", "conf.py", "docs/glossary.md", "notebooks/01_sums.ipynb",
            "exercises/01_sums.ipynb", "static/site.css"} <= names  # fmt: skip
    assert "old.md" not in names and not any(name.startswith("solutions") for name in names)


@pytest.mark.parametrize(
    ("repository", "link"),
    [
        ("https://github.com/a/b.git", "https://mybinder.org/v2/gh/a/b/HEAD?urlpath=lab/tree/notebooks/01_sums.ipynb"),
        ("https://elsewhere.example/a/b", ""),
        ("", ""),
    ],
)
def test_a_public_clone_gives_each_lesson_a_link_to_binder(
    lessons: Course, tmp_path: Path, repository: str, link: str
) -> None:
    stage(lessons, tmp_path / "site", repository)
    title = read(tmp_path / "site" / "notebooks" / "01_sums.ipynb")["cells"][0]["source"]
    assert ("mybinder" in title) == bool(link) and link in title
    assert read(lessons.lesson_path(lessons.lessons[0]))["cells"][0]["source"] == "# Sums", "the lesson is unchanged"


def test_the_front_page_lists_lessons_and_documents(lessons: Course) -> None:
    page = index(lessons, ["glossary.md", "../benchmarks/README.md"])
    assert page.startswith(f"# {lessons.title}\n") and "[01 · " in page
    assert page.rstrip().endswith("lessons\nexercises\ndocs/glossary\nbenchmarks/README\n```")
