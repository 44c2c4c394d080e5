"""Every test of the project, in parts: each runs whatever became of the others, and has one line at the end."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..errors import CourseError
from ..manifest import nearest
from . import browser, lab, packages, programs

PYTEST_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")
LAST_WORDS = 3.0  # seconds
NOTEBOOK_FOLDERS = ("notebooks", "solutions")
MOST_AGAIN = 12  # more failures than this are no accident


@dataclass(frozen=True)
class Part:
    """One command. A `live` one has the terminal to itself; the others run side by side and speak when they fail.

    `again` is what runs once more, by itself, when a few tests of the part have failed: real browsers, kernels and
    clusters on a busy machine sometimes do. What fails twice has failed, and what does not is named in the last lines.
    """

    name: str
    words: tuple[str, ...]
    live: bool = False
    needs_browser: bool = False
    needs_programs: bool = False
    again: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What became of a part: its exit code, its wall time in seconds, and pytest's own last line where it had one."""

    part: Part
    code: int
    seconds: float
    summary: str = ""
    output: str = ""

    def __str__(self) -> str:
        outcome = "ok    " if self.code == 0 else "FAILED"
        said = self.summary or (f"exit code {self.code}" if self.code else "")
        return f"{outcome}  {self.part.name:13} {self.seconds:6.1f} s  {said}".rstrip()


def parts(workers: int) -> tuple[Part, ...]:
    """Return every part, in the order in which they run; `workers` processes share a pytest session.

    The browser has a session of its own: Playwright's synchronous door leaves a running event loop in its process.
    nbval's cells share one kernel, so that a whole notebook goes to one worker.
    """
    module = (sys.executable, "-m")
    course = (*module, "course_app.cli")
    together = ("-n", str(workers))
    nbval = (*module, "pytest", "-q", "--nbval", *NOTEBOOK_FOLDERS)
    browsers = (*module, "pytest", "-q", "tests/browser", "-o", "cache_dir=.pytest_cache/browser")
    units = (*module, "pytest", "-q", "tests", "--ignore=tests/browser", "-o", "cache_dir=.pytest_cache/unit")
    failed = ("--last-failed", "--last-failed-no-failures=none")
    return (
        Part("ruff", (*module, "ruff", "check", ".")),
        Part("format", (*module, "ruff", "format", "--check", ".")),
        Part("build", (*course, "build", "--check")),
        Part("tidy", (*course, "tidy", "--check")),
        Part("lint", (*course, "lint")),
        Part("mypy", (*module, "mypy")),
        Part("notebooks", (*nbval, *together, "--dist", "loadfile"), live=True, needs_programs=True, again=nbval),
        Part("browser", browsers, live=True, needs_browser=True, needs_programs=True, again=(*browsers, *failed)),
        Part(
            "unit", (*units, *together, "--dist", "worksteal"), live=True, needs_programs=True, again=(*units, *failed)
        ),
    )


def choose(names: Iterable[str], known: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts of these names, in their own order; all for no name. Raises CourseError naming the nearest."""
    wanted = list(names)
    for name in wanted:
        if name not in [part.name for part in known]:
            hint = nearest(name, [part.name for part in known]).replace("course list", "course test --list")
            raise CourseError(f"no part of the tests is called {name!r}{hint}")
    return tuple(part for part in known if not wanted or part.name in wanted)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def set_up(root: Path, chosen: tuple[Part, ...]) -> None:
    """Install what is missing: the packages of requirements-test.lock, and the programs that a part drives."""
    gaps = packages.differences(root / packages.TEST_LOCK)
    if gaps:
        print(f"installing {len(gaps)} packages of {packages.TEST_LOCK}", flush=True)
        packages.install(root / packages.TEST_LOCK)
    if any(part.needs_browser for part in chosen):
        browser.ensure_browser()
    if any(part.needs_programs for part in chosen):
        programs.ensure()


def run(root: Path, chosen: tuple[Part, ...], say: Callable[[str], None] = print) -> list[Result]:
    """Run these parts, the quiet ones side by side and first, and return what became of each, in order."""
    quiet = [part for part in chosen if not part.live]
    results = []
    with ThreadPoolExecutor(max_workers=max(1, min(cores(), len(quiet)))) as pool:
        for result in pool.map(lambda part: run_part(root, part), quiet):
            say(str(result))
            if result.code:
                say(result.output)
            results.append(result)
    for part in chosen:
        if part.live:
            say(f"\n{part.name}: {' '.join(part.words[1:])}")
            results.append(with_second_try(root, run_part(root, part, say), say))
    return results


def with_second_try(root: Path, first: Result, say: Callable[[str], None]) -> Result:
    """Return what became of a part, after what failed in it has run once more, where that is allowed."""
    failed = [line for line in first.output.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if first.code != 1 or not first.part.again or not 0 < len(failed) <= MOST_AGAIN:
        return first
    say(f"\n{first.part.name}: what failed runs once more, by itself")
    second = run_part(root, dataclasses.replace(first.part, words=first.part.again), say)
    seconds = first.seconds + second.seconds
    if second.code:
        return dataclasses.replace(first, seconds=seconds)
    passed = sum(int(number) for number, word in PYTEST_COUNT.findall(first.summary) if word != "skipped")
    names = ", ".join(line.split()[1] for line in failed)
    return Result(first.part, 0, seconds, f"{passed} passed, these on a second try: {names}", first.output)


def run_part(root: Path, part: Part, say: Callable[[str], None] | None = None) -> Result:
    """Run one part, and hand on its lines as they come where `say` is given."""
    began = time.monotonic()
    lines: list[str] = []
    process = subprocess.Popen(
        part.words,
        cwd=root,
        env=clean_environment(root),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if say:
                say(lines[-1])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    process.wait()
    # The end of the output may never come: a kernel that outlived its test holds the pipe open.
    reader.join(timeout=LAST_WORDS)
    summary = next((line.strip("= ") for line in reversed(lines) if PYTEST_COUNT.search(line)), "") if part.live else ""
    return Result(part, process.returncode, time.monotonic() - began, summary, "\n".join(lines))


def clean_environment(root: Path) -> dict[str, str]:
    """Return the environment of `course lab`, without the variables that change what the course does."""
    kept = {
        name: value
        for name, value in lab.environment(root).items()
        if not name.startswith("COURSE_") or name == browser.VARIABLE
    }
    return kept | {"PYTHONUTF8": "1"}


def closing(results: list[Result]) -> list[str]:
    """Return the last lines: one for each part, then the sum of what pytest counted."""
    counted: dict[str, int] = {"passed": 0, "failed": 0}
    for result in results:
        for number, word in PYTEST_COUNT.findall(result.summary):
            key = "failed" if word.startswith("error") else word
            counted[key] = counted.get(key, 0) + int(number)
    lines = ["", *(str(result) for result in results)]
    if any(counted.values()):
        lines.append(", ".join(f"{number} {word}" for word, number in counted.items()))
    return lines
