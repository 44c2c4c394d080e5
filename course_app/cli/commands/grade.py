"""`course grade`: marks for a class of submissions, none of which is trusted."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import CourseError
from ...manifest import Course, load
from ..arguments import count, moment, seconds

if TYPE_CHECKING:
    from ...grading.batch import Gradebook, Row, Runner, Verdicts
    from ...grading.grade_bytes import Options
    from ...grading.workers import Job
    from ...kernels.sandbox.policy import Sandbox

NAME = "grade"
HELP = "Grade a class: rebuild, run in a sandbox, check from outside, and write reports."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course grade`."""
    parser.add_argument("submissions", type=Path, help="a folder or a zip file with what was handed in")
    parser.add_argument("--out", type=Path, required=True, help="the folder that reports are written into")
    most = 2 * (os.cpu_count() or 1)  # most of a check is waiting
    parser.add_argument("--jobs", type=count, default=most, help="submissions at a time (default: two per core)")
    parser.add_argument("--timeout", type=seconds, default=10.0, help="seconds that one cell may run (default: 10)")
    parser.add_argument("--whole-timeout", type=seconds, default=60.0, help="seconds for one submission (default: 60)")
    parser.add_argument("--resume", action="store_true", help="take over what an earlier run into --out has graded")
    parser.add_argument("--due", type=moment, help="date and time, ISO 8601; the latest submission before it counts")
    parser.add_argument("--fail-under", type=float, metavar="PERCENT", help="exit with 1 where a student has less")
    parser.add_argument("--no-sandbox", action="store_true", help="run learners' code unprotected; reports say so")
    parser.add_argument("--nbgrader", action="store_true", help="also write nbgrader.csv, as `nbgrader export` does")
    parser.add_argument("--dask", metavar="ADDRESS", help="grade on the Dask cluster whose scheduler listens there")


def run(args: argparse.Namespace) -> int:
    """Grade a class and write the reports.

    Exit code 0; 1 where a student is under --fail-under; 3 where the grader itself failed on a submission.
    Raises CourseError for a place without submissions, and where no sandbox can be had and none was waived.
    """
    course = load()
    sandbox, unsandboxed = _prepared(course, args)
    from ...grading import batch
    from ...grading.grade_bytes import Options

    options = Options(sandbox, cell_seconds=args.timeout, whole_seconds=args.whole_timeout)
    with _Progress() as progress:
        book = batch.grade(
            course,
            args.submissions,
            args.out,
            _runner(course, options, args),
            options,
            due=args.due,
            resume=args.resume,
            unsandboxed=unsandboxed,
            each=progress.row,
        )
    from ...grading import reports  # now, so that no worker holds what reports alone need
    from ...grading.reports import nbgrader_csv

    reports.write_all(book, args.out)
    if args.nbgrader:
        nbgrader_csv.write(book, args.out / "nbgrader.csv")
    _print_summary(book, args.out)
    return _exit_code(book, args.fail_under)


def _prepared(course: Course, args: argparse.Namespace) -> tuple[Sandbox | None, str]:
    """Try the sandbox, and meanwhile import the slowest module.

    Return the sandbox, or None with the reason for grading without. Raises CourseError where there is none.
    """
    gc.disable()  # imports leave no garbage; `workers` has what they made frozen
    try:
        with ThreadPoolExecutor(1) as aside:
            trying = aside.submit(_sandbox, course, args)
            from ...nbval_plugin import comparison  # noqa: F401

            return trying.result()
    finally:
        gc.enable()


def _sandbox(course: Course, args: argparse.Namespace) -> tuple[Sandbox | None, str]:
    from ...kernels import launch
    from ...kernels.sandbox import availability, policy

    if not args.dask:
        launch.prepare()
    if args.no_sandbox:
        return None, "asked for with --no-sandbox"
    made = policy.course_sandbox(course.root, args.submissions, args.out)
    reason = None if args.dask else availability.why_unavailable(made)
    if reason:
        raise CourseError(
            f"no sandbox can be had here: {reason}; see docs/instructors.md for what it needs, "
            "or grade without it with --no-sandbox"
        )
    return made, ""


def _runner(course: Course, options: Options, args: argparse.Namespace) -> Runner:
    if args.dask:
        from ...grading.dask import run_on_cluster

        return lambda jobs: run_on_cluster(course, jobs, options, args.dask)
    from ...grading.workers import run_jobs

    def run(jobs: Iterator[Job]) -> Verdicts:
        return run_jobs(course, jobs, options, args.jobs)

    return run


def _print_summary(book: Gradebook, out: Path) -> None:
    troubled = [row for row in book.rows if row.problem or row.failed]
    print(
        f"{len(book.rows)} submissions of {len(book.students)} students in {book.seconds:.1f} s; see {out}/report.html"
    )
    for row in troubled:
        print(f"  {row.submission.student}: {row.problem or row.failed}")
    if book.unsandboxed:
        print(f"Not sandboxed ({book.unsandboxed}): these marks are advice.")


def _exit_code(book: Gradebook, fail_under: float | None) -> int:
    if any(row.failed for row in book.rows):
        return 3
    if fail_under is None:
        return 0
    return int(any(100 * book.total(student) < fail_under * book.most for student in book.students))


class _Progress:
    """A progress bar with the time left, on a terminal; nothing elsewhere."""

    def __enter__(self) -> _Progress:
        self._stop: Callable[[], None] = lambda: None
        self._bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._bar.start()
            self._task = self._bar.add_task("grading", total=None)
        return self

    def row(self, _row: Row, count: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, total=count, advance=1)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
