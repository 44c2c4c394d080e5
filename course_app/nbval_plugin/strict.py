"""Strict nbval on lessons and solutions, in forked kernels, several at a time.

`python -m course_app.nbval_plugin.strict [NOTEBOOK …]` executes each notebook once, in its own folder, and compares as
`pytest --nbval` does; without a name it takes every lesson and solution of the course.
Its exit code is 0 where every cell gives what is stored, 1 where one does not, 2 where a notebook cannot be read.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ..errors import CourseError
from ..kernels.kernel import Kernel
from ..manifest import load
from ..nb.cells import Notebook, is_code
from ..nb.files import read
from .mismatch import Mismatch

CELL_SECONDS = 60.0


async def validate(notebook: Notebook, folder: Path, cell_seconds: float = CELL_SECONDS) -> list[Mismatch]:
    """Run a notebook in a fresh kernel, in `folder`, and return the cells that strict nbval rejects.

    One cell may run for `cell_seconds` seconds. Raises KernelFailed.
    """
    from .comparison import mismatch

    found = []
    async with await Kernel.start(cwd=folder) as kernel:
        for cell in filter(is_code, notebook["cells"]):
            result = await kernel.execute(cell["source"], timeout=cell_seconds)
            wrong = mismatch(cell, result.status, result.outputs)
            if wrong:
                found.append(Mismatch(wrong.cell, f"{wrong.reason} {result.detail}".strip()))
    return found


async def validate_all(
    paths: Sequence[Path], jobs: int, cell_seconds: float = CELL_SECONDS
) -> dict[Path, list[Mismatch]]:
    """Validate notebooks, `jobs` at a time, and return the rejected cells of each.

    Raises NotebookError and KernelFailed.
    """
    notebooks = {path: read(path) for path in paths}
    here = Path.cwd()
    turn = asyncio.Semaphore(jobs)

    async def validated(path: Path) -> list[Mismatch]:
        async with turn:
            return await validate(notebooks[path], (here / path).parent, cell_seconds)

    found = await asyncio.gather(*map(validated, notebooks))
    return dict(zip(notebooks, found, strict=True))


def main(words: Sequence[str] | None = None) -> int:
    """Validate the notebooks that `words` name (default: the command line's) and return the exit code, 0, 1 or 2."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: every lesson and solution")
    most = 3 * (os.cpu_count() or 1)  # a lesson waits most of the time
    parser.add_argument("--jobs", type=int, default=most, help="notebooks at a time (default: three per core)")
    parser.add_argument("--timeout", type=float, default=CELL_SECONDS, help="seconds that one cell may run")
    args = parser.parse_args(words)
    began = time.perf_counter()
    try:
        found = asyncio.run(validate_all(args.notebooks or everything(), max(1, args.jobs), args.timeout))
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        return 2
    for path, mismatches in found.items():
        for mismatch in mismatches:
            print(f"FAILED {path}::{mismatch.cell} - {mismatch.reason}")
    wrong = sum(map(bool, found.values()))
    counted = f"{wrong} failed, " if wrong else ""
    print(f"{counted}{len(found) - wrong} passed in {time.perf_counter() - began:.1f} s")
    return 1 if wrong else 0


def everything() -> list[Path]:
    """Return the path of every lesson and solution, relative to the course's folder. Raises ManifestError."""
    course = load()
    paths = [*map(course.lesson_path, course.lessons), *map(course.solution_path, course.exercises)]
    return [path.relative_to(course.root) for path in paths]


if __name__ == "__main__":
    sys.exit(main())
