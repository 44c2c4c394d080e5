"""The parts that the project's tests consist of, each with its command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import CourseError
from ..manifest import nearest

LAST = "end"  # the lane that runs when every other has ended
COVERAGE_DATA = ".course/coverage"
QUICK = "quick"  # names every part that is quick


@dataclass(frozen=True)
class Part:
    """One command of the test run.

    lane: parts without one go first, side by side, and are heard only when they fail. Then lanes run side by side, and
    the parts of one lane after each other. The lane LAST comes when all others have ended.
    again: the command of a second try, where a few tests of the part have failed; empty where there is none.
    limit: seconds after which the part is stopped, and has failed. measured: whether its coverage is measured.
    """

    name: str
    words: tuple[str, ...]
    lane: str = ""
    needs_browser: bool = False
    needs_programs: bool = False
    again: tuple[str, ...] = ()
    limit: float = 1200.0
    quick: bool = False
    measured: bool = False


def parts(cores: int) -> tuple[Part, ...]:
    """Return every part, in the order in which results are told, for a machine with so many cores."""
    return (*_static(), _unit(cores), *_slow(cores), Part("coverage", _module("setup.coverage_report"), lane=LAST))


def _module(name: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"course_app.{name}", *words)


def _static() -> tuple[Part, ...]:
    python = (sys.executable, "-m")
    return (
        Part("ruff", (*python, "ruff", "check", "."), quick=True),
        Part("format", (*python, "ruff", "format", "--check", "."), quick=True),
        Part("build", _module("cli", "build", "--check"), quick=True),
        Part("tidy", _module("cli", "tidy", "--check"), quick=True),
        Part("lint", _module("cli", "lint", "--strict", "--quiet"), quick=True),
        Part("mypy", (*python, "mypy"), lane="types", quick=True),
    )


def _pytest(name: str, *words: str) -> tuple[str, ...]:
    """Return a pytest command whose failures are remembered apart from those of other parts."""
    return (sys.executable, "-m", "pytest", "-q", *words, "-o", f"cache_dir=.pytest_cache/{name}")


FAILED_ONLY = ("--last-failed", "--last-failed-no-failures=none")
WITHOUT_BROWSER = ("tests", "--ignore=tests/browser")


def _unit(cores: int) -> Part:
    words = _pytest("unit", *WITHOUT_BROWSER, "-m", "not integration")
    spread = ("-n", str(cores + 1), "--dist", "worksteal")
    return Part("unit", (*words, *spread), "unit", again=(*words, *FAILED_ONLY), quick=True, measured=True)


def _slow(cores: int) -> tuple[Part, ...]:
    """Return the parts that start kernels, engines and browsers.

    The browser has a session of its own: Playwright's synchronous door leaves a running event loop in its process.
    """
    strict = _module("nbval_plugin.strict", "--jobs")
    browser = _pytest("browser", "tests/browser")
    by_file = ("--dist", "loadfile", "--no-loadscope-reorder")  # each file starts servers of its own
    integration = _pytest("integration", *WITHOUT_BROWSER, "-m", "integration")
    spread = ("-n", str(cores + 1), "--dist", "worksteal")
    return (
        Part("notebooks", (*strict, str(2 * cores)), "desk", needs_programs=True, again=(*strict, "1")),
        Part(
            "browser",
            (*browser, "-n", str(cores), *by_file),
            "desk",
            needs_browser=True,
            needs_programs=True,
            again=(*browser, *FAILED_ONLY),
        ),
        Part(
            "integration",
            (*integration, *spread),
            "unit",
            needs_programs=True,
            again=(*integration, *FAILED_ONLY),
            measured=True,
        ),
    )


def choose(names: Iterable[str], known: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts of these names in their own order, all for no name; `quick` names several.

    Raises CourseError, which tells the nearest name.
    """
    wanted = set(names)
    allowed = [part.name for part in known] + [QUICK]
    for name in wanted.difference(allowed):
        hint = nearest(name, allowed).replace("course list", "course test --list")
        raise CourseError(f"no part of the tests is called {name!r}{hint}")
    return tuple(part for part in known if not wanted or part.name in wanted or (part.quick and QUICK in wanted))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
