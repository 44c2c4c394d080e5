"""What the tests of the grading floor share: the real exercise 02, and answers put into it."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course_app.manifest import Course, Lesson, load
from course_app.nb.cells import Notebook
from course_app.nb.derive import derive
from course_app.nb.files import read

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder with a short name: a Unix socket's path has room for some hundred bytes, and pytest's own are long."""
    folder = tempfile.mkdtemp(prefix="c-")
    yield Path(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def course() -> Course:
    return load(ROOT)


@pytest.fixture(scope="session")
def echo(course: Course) -> Lesson:
    return course.lesson("echo")


@pytest.fixture(scope="session")
def solved(course: Course, echo: Lesson) -> Notebook:
    return read(course.solution_path(echo))


@pytest.fixture(scope="session")
def fresh(solved: Notebook) -> Notebook:
    return derive(solved)


Put = Callable[..., Notebook]


@pytest.fixture
def put(solved: Notebook) -> Put:
    """Return a function that gives the solved exercise with other sources: `put(echo_2_stub="…")`."""

    def change(**sources: str) -> Notebook:
        notebook = copy.deepcopy(solved)
        for cell in notebook["cells"]:
            cell["source"] = sources.get(cell["id"].replace("-", "_"), cell["source"])
        return notebook

    return change
