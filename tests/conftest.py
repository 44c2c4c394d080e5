"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

import asyncio
import copy
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course_app import engines, manifest
from course_app.authoring.build import build
from course_app.manifest import Course, Lesson, load
from course_app.nb.cells import Notebook
from course_app.nb.derive import derive
from course_app.nb.files import read
from course_app.setup import system_packages
from tests.support.paths import FIXTURES, ROOT

if "PYTEST_XDIST_WORKER" in os.environ:
    # This process is measured. What it starts is not: a sandboxed kernel cannot write its data anywhere.
    os.environ.pop("COVERAGE_PROCESS_START", None)


# Tests that need a kernel, an engine, nginx, nbgrader, another Python or pip are the part `integration` of `make test`;
# the rest is the part `unit`, for the inner loop. All of these folders and fixtures do; elsewhere a file has the mark.
INTEGRATION_FOLDERS = ("deploy/", "engines/", "grading/hostile/", "kernels/")
INTEGRATION_FIXTURES = {"redis_engine", "postgres_engine", "nginx_installed"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the part `integration`."""
    for item in items:
        path = item.path.relative_to(ROOT / "tests").as_posix()
        if path.startswith(INTEGRATION_FOLDERS) or INTEGRATION_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("integration")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that may have a second try, for course_app.setup.test_runner."""
    for report in (*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")):
        if "timing" in getattr(report, "keywords", ()):
            terminalreporter.write_line(f"TIMING {report.nodeid}")


@pytest.fixture
def sums(tmp_path: Path) -> manifest.Course:
    """Return a copy of the small course `sums`: one exercise with two tasks, which needs no server."""
    shutil.copytree(FIXTURES / "sums", tmp_path / "sums")
    return manifest.load(tmp_path / "sums")


@pytest.fixture
def built(sums: manifest.Course) -> manifest.Course:
    """Return the course `sums` with its exercises built."""
    build(sums)
    return sums


@pytest.fixture(scope="session")
def redis_engine() -> Iterator[engines.Redis]:
    """A real Redis, one for each process of the test run."""
    system_packages.ensure([system_packages.REDIS])
    engine = asyncio.run(engines.redis())
    yield engine
    asyncio.run(engine.stop())


@pytest.fixture(scope="session")
def postgres_engine() -> Iterator[engines.Postgres]:
    """A real PostgreSQL, one for each process of the test run."""
    engine = asyncio.run(engines.postgres())
    yield engine
    asyncio.run(engine.stop())


@pytest.fixture(scope="session")
def nginx_installed() -> None:
    """Make sure that there is an nginx."""
    system_packages.ensure([system_packages.NGINX])
    engines.nginx_program()


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
