"""Checking one exercise, and every notebook, beside what else can do it; all in one run, medians of several.

Run it from the course's folder: `python benchmarks/check.py [--rounds N]`.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PLAIN = (BIN / "pytest", "-q", "-p", "no:cacheprovider", "--nbval")
# Every process may use compiled modules, as in a learner's environment.
ENV = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def command(*words: object, cwd: Path = ROOT, env: dict[str, str] | None = None) -> Callable[[], float]:
    """Return a function that runs the command and returns its wall time in seconds."""

    def timed() -> float:
        began = time.perf_counter()
        argv, environment = [str(word) for word in words], {**ENV, **(env or {})}
        done = subprocess.run(argv, cwd=cwd, env=environment, capture_output=True, text=True)
        seconds = time.perf_counter() - began
        if done.returncode not in (0, 1):
            raise SystemExit(f"{words} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return seconds

    return timed


def kernel_ready(how: str, sandboxed: bool = False) -> float:
    """Return the seconds from nothing to a kernel that has answered."""
    from course_app.kernels.kernel import Kernel
    from course_app.kernels.sandbox.policy import course_sandbox

    sandbox = course_sandbox(ROOT) if sandboxed else None

    async def timed() -> float:
        began = time.perf_counter()
        async with await Kernel.start(how=how, sandbox=sandbox):
            return time.perf_counter() - began

    return asyncio.run(timed())


def save_to_verdict() -> float:
    """Judge a solved exercise in a kernel that waits, as `course watch` does after the debounce."""
    from course_app.grading.engine import judge
    from course_app.kernels.prelaunch import Prelaunch
    from course_app.manifest import load
    from course_app.nb.files import read

    course = load(ROOT)
    echo = course.lesson("echo")

    async def one() -> float:
        prelaunch = Prelaunch()
        prelaunch.refill()
        await asyncio.sleep(1.0)
        began = time.perf_counter()
        await judge(course, echo, read(course.solution_path(echo)), kernel=prelaunch)
        return time.perf_counter() - began

    return asyncio.run(one())


def death_to_verdict() -> float:
    from course_app.kernels.kernel import Kernel

    async def one() -> float:
        async with await Kernel.start() as kernel:
            began = time.perf_counter()
            result = await kernel.execute("import os; os._exit(1)", timeout=600)
            assert result.status == "dead"
            return time.perf_counter() - began

    return asyncio.run(one())


FLOOD = """
import asyncio, resource
from course_app.kernels.kernel import Kernel
async def main():
    async with await Kernel.start() as kernel:
        result = await kernel.execute("while True: print('x' * 10_000)", timeout=60)
        assert result.status == "flood", result
asyncio.run(main())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def flood_megabytes() -> float:
    done = subprocess.run([sys.executable, "-c", FLOOD], cwd=ROOT, env=ENV, capture_output=True, text=True, check=True)
    return float(done.stdout)


def death_under_nbval() -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dies.ipynb"
        cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": 1}
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        import json

        nb = {
            "cells": [{**cell, "source": "import os; os._exit(1)"}],
            "metadata": spec,
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path.write_text(json.dumps(nb))
        return command(BIN / "pytest", "--nbval", "-q", "--nbval-cell-timeout=10", path, cwd=Path(folder))()


def median(measure: Callable[[], float], rounds: int) -> float:
    return statistics.median(measure() for _ in range(rounds))


def notebooks() -> list[Path]:
    return sorted([*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "solutions").glob("*.ipynb")])


def table(rounds: int) -> Iterator[tuple[str, float, str, float]]:
    """Yield rows: what, its seconds, beside what, the seconds of that."""
    kernel_ready("forked")  # starts the fork server
    for what, sandboxed in (("kernel ready", False), ("sandboxed kernel ready", True)):
        forked, started = (
            median(functools.partial(kernel_ready, how, sandboxed), rounds) for how in ("forked", "started")
        )
        yield f"{what}, forked", forked, "started", started
    yield from one_exercise(rounds)
    died = median(death_to_verdict, rounds)
    yield "kernel death to verdict", died, "pytest --nbval, timeout 10 s", death_under_nbval()
    yield from all_notebooks(max(1, rounds // 2))


def one_exercise(rounds: int) -> Iterator[tuple[str, float, str, float]]:
    solved = ROOT / "solutions" / "03_echo.ipynb"
    check = command(BIN / "course", "check", solved)
    with tempfile.TemporaryDirectory() as folder:
        copy, away = Path(shutil.copy(solved, folder)), Path(folder)
        nbval = median(command(*PLAIN, copy, cwd=away), rounds)
        validate = median(command(BIN / "nbgrader", "validate", copy, cwd=away), rounds)
    with tempfile.TemporaryDirectory() as folder:
        own_server = {"XDG_RUNTIME_DIR": folder, "COURSE_FORK_IDLE": "1"}
        first = command(BIN / "course", "check", solved, env=own_server)()
    yield "course check, first ever (starts the fork server)", first, "pytest --nbval", nbval
    again = median(check, rounds)
    yield "course check, cold shell", again, "pytest --nbval", nbval
    yield "course check, cold shell", again, "nbgrader validate", validate
    yield "save to verdict in watch, after the debounce", median(save_to_verdict, rounds), "pytest --nbval", nbval


def all_notebooks(rounds: int) -> Iterator[tuple[str, float, str, float]]:
    every = notebooks()
    strict = median(command(sys.executable, "-m", "course_app.nbval_plugin.strict", *every), rounds)
    plain = median(command(*PLAIN, *every), rounds)
    yield f"course_app.nbval_plugin.strict, {len(every)} notebooks", strict, "pytest --nbval", plain


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(
        f"medians of {rounds}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}\n"
    )
    print("| what | s | beside | s | ratio |")
    print("|---|---|---|---|---|")
    for what, ours, beside, theirs in table(rounds):
        print(f"| {what} | {ours:.2f} | {beside} | {theirs:.2f} | {theirs / ours:.1f} |", flush=True)
    print(f"\nprint flood: the checking process peaks at {flood_megabytes():.0f} MB", end="; ")
    print(f"this benchmark itself at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
