"""The folder that Sphinx reads: copies of notebooks and documents, and the pages that link to them."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..authoring.lesson_table import lesson_table
from ..manifest import Course, Lesson
from ..nb.cells import Notebook
from ..nb.files import read, write

DOCUMENTS = ("glossary.md", "instructors.md", "exercises.md")
CONFIGURATION = Path(__file__).with_name("conf.py")
STATIC = Path(__file__).with_name("static")


def stage(course: Course, folder: Path, repository: str = "") -> None:
    """Fill `folder` with everything that the site is built from; what it held before is deleted.

    With `repository`, the https address of a public clone, each lesson gets a link that opens it in Binder.
    Raises NotebookError for a lesson that cannot be read.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("notebooks", "exercises", "docs"):
        (folder / name).mkdir(parents=True)
    shutil.copy(CONFIGURATION, folder)
    shutil.copytree(STATIC, folder / "static")
    if (figures := course.root / "notebooks" / "figures").is_dir():
        shutil.copytree(figures, folder / "notebooks" / "figures")
    for lesson in course.lessons:
        write(
            folder / "notebooks" / f"{lesson.stem}.ipynb",
            _with_link(read(course.lesson_path(lesson)), lesson, repository),
        )
    for lesson in course.exercises:
        shutil.copy(course.exercise_path(lesson), folder / "exercises")
    documents = [name for name in DOCUMENTS if (course.root / "docs" / name).is_file()]
    for name in documents:
        shutil.copy(course.root / "docs" / name, folder / "docs")
    if (benchmarks := course.root / "benchmarks").is_dir():  # lesson 10 points at its figures
        shutil.copytree(benchmarks / "figures", folder / "benchmarks" / "figures")
        for page in sorted(benchmarks.glob("*.md")):
            if not page.name.endswith(".head.md"):
                shutil.copy(page, folder / "benchmarks")
                documents.append(f"../benchmarks/{page.name}")
    (folder / "index.md").write_text(index(course, documents), encoding="utf-8")
    lessons = _section("Lessons", lesson_table(course), [f"notebooks/{lesson.stem}" for lesson in course.lessons])
    (folder / "lessons.md").write_text(lessons, encoding="utf-8")
    exercises = _section("Exercises", _EXERCISES, [f"exercises/{lesson.stem}" for lesson in course.exercises])
    (folder / "exercises.md").write_text(exercises, encoding="utf-8")


def index(course: Course, documents: list[str]) -> str:
    """Return the front page as Markdown: an introduction, the lessons, and links to `documents`."""
    pages = ["lessons", "exercises", *(_page(name) for name in documents)]
    return "\n".join(
        [
            f"# {course.title}",
            "",
            "You build echo servers, chats and broadcasts, step by step, in notebooks.",
            "Every server is a real one, and every transcript below was recorded from the wire.",
            "Here you read; to run the lessons and have your answers checked, clone the course and type `make lab`.",
            "",
            "![How the lessons build on each other](notebooks/figures/roadmap.svg)",
            "",
            lesson_table(course),
            "",
            *_tree(pages),
        ]
    )


_EXERCISES = """To answer, open these notebooks from a clone of the course: `make lab`.
Each task has a check that plays real clients against your server and tells you what went wrong."""


def _page(document: str) -> str:
    """Return the name of a document's page for the navigation: relative to the front page, without suffix."""
    path = document.removeprefix("../") if document.startswith("../") else f"docs/{document}"
    return path.removesuffix(".md")


def _section(title: str, text: str, pages: list[str]) -> str:
    return "\n".join([f"# {title}", "", text, "", *_tree(pages)])


def _tree(pages: list[str]) -> list[str]:
    return ["```{toctree}", ":hidden:", "", *pages, "```", ""]


def _with_link(nb: Notebook, lesson: Lesson, repository: str) -> Notebook:
    """Return the notebook with a link to Binder under its title, where there is a public repository."""
    if repository.startswith("https://github.com/"):
        place = repository.removeprefix("https://github.com/").removesuffix(".git").strip("/")
        address = f"https://mybinder.org/v2/gh/{place}/HEAD?urlpath=lab/tree/notebooks/{lesson.stem}.ipynb"
        nb["cells"][0]["source"] += f"\n\n[Open this lesson in Binder]({address})"
    return nb
