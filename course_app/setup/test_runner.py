"""Every test of the project, in parts: each runs whatever became of the others, and has one line at the end."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from ..errors import CourseError
from ..manifest import nearest
from . import browser, lab_server, python_packages, system_packages

PYTEST_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")
FAILURE = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)  # in a summary; a log line pads its level
LAST_WORDS = 3.0  # seconds
SIGN_OF_LIFE = 30.0  # seconds between two lines about what is still running
MOST_AGAIN = 12  # more failures than this are no accident


@dataclass(frozen=True)
class Part:
    """One command. Those without a `lane` are quick: they go first, side by side, and speak when they fail.

    Then lanes run side by side, and the parts of one lane after each other; each says all it has to say when it ends.
    `again` is what runs once more, by itself, when a few tests of the part have failed: real browsers, kernels and
    clusters on a busy machine sometimes do. What fails twice has failed, and what does not is named in the last lines.
    """

    name: str
    words: tuple[str, ...]
    lane: str = ""
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


def parts(cores: int) -> tuple[Part, ...]:
    """Return every part, in the order in which their results are told, for a machine with so many cores.

    The browser has a session of its own: Playwright's synchronous door leaves a running event loop in its process.
    """
    module = (sys.executable, "-m")
    course = (*module, "course_app.cli")
    together = ("-n", str(cores))  # in two lanes, so that there are two processes for each core
    strict = (*module, "course_app.nbval_plugin.strict", "--jobs")
    browsers = (*module, "pytest", "-q", "tests/browser", "-o", "cache_dir=.pytest_cache/browser")
    by_file = ("--dist", "loadfile", "--no-loadscope-reorder")  # each file starts servers of its own
    units = (*module, "pytest", "-q", "tests", "--ignore=tests/browser", "-o", "cache_dir=.pytest_cache/unit")
    failed = ("--last-failed", "--last-failed-no-failures=none")
    return (
        Part("ruff", (*module, "ruff", "check", ".")),
        Part("format", (*module, "ruff", "format", "--check", ".")),
        Part("build", (*course, "build", "--check")),
        Part("tidy", (*course, "tidy", "--check")),
        Part("lint", (*course, "lint", "--strict", "--quiet")),
        Part("mypy", (*module, "mypy")),
        Part("notebooks", (*strict, str(2 * cores)), lane="desk", needs_programs=True, again=(*strict, "1")),
        Part(
            "browser",
            (*browsers, *together, *by_file),
            lane="desk",
            needs_browser=True,
            needs_programs=True,
            again=(*browsers, *failed),
        ),
        Part(
            "unit",
            (*units, "-n", str(cores + 1), "--dist", "worksteal"),
            lane="unit",
            needs_programs=True,
            again=(*units, *failed),
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
    gaps = python_packages.differences(root / python_packages.TEST_LOCK)
    if gaps:
        print(f"installing {len(gaps)} packages of {python_packages.TEST_LOCK}", flush=True)
        python_packages.install(root / python_packages.TEST_LOCK)
    if any(part.needs_browser for part in chosen):
        browser.ensure_browser()
    if any(part.needs_programs for part in chosen):
        system_packages.ensure()


def run(root: Path, chosen: tuple[Part, ...], say: Callable[[str], None] = print) -> list[Result]:
    """Run these parts: the quick ones, then the lanes, then what gets a second try. Return their results in order."""
    results: dict[str, Result] = {}
    with ThreadPoolExecutor(max_workers=max(1, cores())) as pool:
        for result in pool.map(lambda part: run_part(root, part), [part for part in chosen if not part.lane]):
            say(str(result))
            if result.code:
                say(result.output)
            results[result.part.name] = result
    for result in run_lanes(root, [part for part in chosen if part.lane], say):
        results[result.part.name] = result
    return [with_second_try(root, results[part.name], say) for part in chosen]


def run_lanes(root: Path, chosen: list[Part], say: Callable[[str], None]) -> Iterator[Result]:
    """Run the lanes side by side and yield each part's result as it ends; say now and then what is still running."""
    lanes: dict[str, list[Part]] = {}
    for part in chosen:
        lanes.setdefault(part.lane, []).append(part)
    with ThreadPoolExecutor(max_workers=max(1, len(lanes))) as pool:
        running: dict[Future[Result], Part] = {}

        def start(lane: list[Part]) -> None:
            if lane:
                running[pool.submit(run_part, root, lane[0])] = lane[0]

        for lane in lanes.values():
            start(lane)
        began = time.monotonic()
        while running:
            ended, _ = wait(running, timeout=SIGN_OF_LIFE, return_when="FIRST_COMPLETED")
            if not ended:
                names = ", ".join(part.name for part in running.values())
                say(f"... {names} still running after {time.monotonic() - began:.0f} s")
            for future in ended:
                part, result = running.pop(future), future.result()
                say(f"\n{part.name}: {' '.join(part.words[1:])}\n{result.output}")
                lanes[part.lane].remove(part)
                start(lanes[part.lane])
                yield result


def with_second_try(root: Path, first: Result, say: Callable[[str], None]) -> Result:
    """Return what became of a part, after what failed in it has run once more, where that is allowed."""
    failed = FAILURE.findall(first.output)
    if first.code != 1 or not first.part.again or not 0 < len(failed) <= MOST_AGAIN:
        return first
    say(f"\n{first.part.name}: what failed runs once more, by itself")
    second = run_part(root, dataclasses.replace(first.part, words=first.part.again))
    say(second.output)
    seconds = first.seconds + second.seconds
    if second.code:
        return dataclasses.replace(first, seconds=seconds)
    passed = sum(int(number) for number, word in PYTEST_COUNT.findall(first.summary) if word != "skipped")
    return Result(first.part, 0, seconds, f"{passed} passed, these on a second try: {', '.join(failed)}", first.output)


def run_part(root: Path, part: Part) -> Result:
    """Run one part and wait until it has ended."""
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

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    process.wait()
    # The end of the output may never come: a kernel that outlived its test holds the pipe open.
    reader.join(timeout=LAST_WORDS)
    if not reader.is_alive() and process.stdout:
        process.stdout.close()
    summary = next((line.strip("= ") for line in reversed(lines) if PYTEST_COUNT.search(line)), "") if part.lane else ""
    return Result(part, process.returncode, time.monotonic() - began, summary, "\n".join(lines))


def clean_environment(root: Path) -> dict[str, str]:
    """Return the environment of `course lab`, without the variables that change what the course does."""
    kept = {
        name: value
        for name, value in lab_server.environment(root).items()
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
