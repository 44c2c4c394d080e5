"""The project's tests, in parts: each runs whatever became of the others, and has one line at the end."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from . import browser, lab_server, python_packages, system_packages
from .test_parts import COVERAGE_DATA, LAST, Part, cores

PYTEST_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")
FAILURE = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)  # in a summary; a log line pads its level
TIMING = re.compile(r"^TIMING (\S.*)$", re.MULTILINE)  # tests/conftest.py writes it of a failed test with that mark
LAST_WORDS = 3.0  # seconds
SIGN_OF_LIFE = 30.0  # seconds between two lines about what is still running
MOST_AGAIN = 12  # more failures than this are no accident


@dataclass(frozen=True)
class Result:
    """What became of a part: its exit code, its wall time in seconds, and pytest's own last line where it had one.

    second_try: the tests that failed, and then passed. excused: those of them whose subject is time itself.
    """

    part: Part
    code: int
    seconds: float
    summary: str = ""
    output: str = ""
    second_try: tuple[str, ...] = ()
    excused: frozenset[str] = frozenset()

    def __str__(self) -> str:
        outcome = "ok    " if self.code == 0 else "FAILED"
        said = self.summary or (f"exit code {self.code}" if self.code else "")
        return f"{outcome}  {self.part.name:13} {self.seconds:6.1f} s  {said}".rstrip()


def set_up(root: Path, chosen: tuple[Part, ...]) -> None:
    """Install what is missing: the packages of requirements-test.lock, and the programs that a part drives."""
    # IPython warns of a folder that is missing, and a warning is an error.
    (root / lab_server.JUPYTER / "ipython").mkdir(parents=True, exist_ok=True)
    gaps = python_packages.differences(root / python_packages.TEST_LOCK)
    if gaps:
        print(f"installing {len(gaps)} packages of {python_packages.TEST_LOCK}", flush=True)
        python_packages.install(root / python_packages.TEST_LOCK)
    if any(part.needs_browser for part in chosen):
        browser.ensure_browser()
    if any(part.needs_programs for part in chosen):
        system_packages.ensure()


def run(root: Path, chosen: tuple[Part, ...], say: Callable[[str], None] = print) -> list[Result]:
    """Run these parts: those without a lane, the lanes, what gets a second try, the end. Return results in order."""
    Path(clean_environment(root)["IPYTHONDIR"]).mkdir(parents=True, exist_ok=True)  # else IPython warns, and takes /tmp
    measured = any(part.lane == LAST for part in chosen)
    if measured:
        shutil.rmtree(root / COVERAGE_DATA, ignore_errors=True)
    results: dict[str, Result] = {}
    with ThreadPoolExecutor(max_workers=max(1, cores())) as pool:
        for result in pool.map(lambda part: run_part(root, part), [part for part in chosen if not part.lane]):
            say(str(result))
            if result.code:
                say(result.output)
            results[result.part.name] = result
    for result in run_lanes(root, [part for part in chosen if part.lane not in ("", LAST)], say, measured):
        results[result.part.name] = result
    results = {name: with_second_try(root, result, say) for name, result in results.items()}
    for result in run_lanes(root, [part for part in chosen if part.lane == LAST], say):
        results[result.part.name] = result
    return [results[part.name] for part in chosen]


def run_lanes(root: Path, chosen: list[Part], say: Callable[[str], None], measured: bool = False) -> Iterator[Result]:
    """Run the lanes side by side and yield each part's result as it ends; say now and then what is still running."""
    lanes: dict[str, list[Part]] = {}
    for part in chosen:
        lanes.setdefault(part.lane, []).append(part)
    with ThreadPoolExecutor(max_workers=max(1, len(lanes))) as pool:
        running: dict[Future[Result], Part] = {}

        def start(lane: list[Part]) -> None:
            if lane:
                running[pool.submit(run_part, root, lane[0], measured and lane[0].measured)] = lane[0]

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
    """Return what became of a part, after what failed in it has run once more, where that is allowed.

    With the environment variable CI=true only a test that is marked `timing` may pass on a second try.
    """
    failed = FAILURE.findall(first.output)
    if first.code != 1 or not first.part.again or not 0 < len(failed) <= MOST_AGAIN:
        return first
    say(f"\n{first.part.name}: what failed runs once more, by itself")
    second = run_part(root, dataclasses.replace(first.part, words=first.part.again))
    say(second.output)
    seconds = first.seconds + second.seconds
    if second.code:
        return dataclasses.replace(first, seconds=seconds)
    excused = frozenset(TIMING.findall(first.output))
    both = dataclasses.replace(first, seconds=seconds, second_try=tuple(failed), excused=excused)
    if excused.issuperset(failed) or os.environ.get("CI") != "true":
        passed = sum(int(number) for number, word in PYTEST_COUNT.findall(first.summary) if word != "skipped")
        return dataclasses.replace(both, code=0, summary=f"{passed} passed, {len(failed)} of them on a second try")
    return both


def run_part(root: Path, part: Part, measured: bool = False) -> Result:
    """Run one part and wait until it has ended, for `part.limit` seconds at most. Measure its coverage if told to."""
    began = time.monotonic()
    lines: list[str] = []
    environment = clean_environment(root)
    if measured:
        environment["COVERAGE_PROCESS_START"] = str(root / "pyproject.toml")
    process = subprocess.Popen(
        part.words,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        process.wait(timeout=part.limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        lines.append(f"{part.name} was stopped after its {part.limit:g} s")
    # The end of the output may never come: a kernel that outlived its test holds the pipe open.
    reader.join(timeout=LAST_WORDS)
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
    """Return the last lines: one for each part, the sum of what pytest counted, and who needed a second try."""
    counted: dict[str, int] = {"passed": 0, "failed": 0}
    for result in results:
        for number, word in PYTEST_COUNT.findall(result.summary):
            key = "failed" if word.startswith("error") else word
            counted[key] = counted.get(key, 0) + int(number)
    lines = ["", *(str(result) for result in results)]
    if any(counted.values()):
        lines.append(", ".join(f"{number} {word}" for word, number in counted.items()))
    for result in results:
        for test in result.second_try:
            why = "" if test in result.excused else ", and is not marked `timing`: CI fails; fix it, or say why it must"
            lines.append(f"passed only on a second try: {test}{why}")
    return lines
