"""`course check`: verdicts on the learner's own exercises, reached from outside the kernel."""

from __future__ import annotations

import argparse
import functools
import json
import sys

from ...errors import CourseError
from ...manifest import Course, load
from ..arguments import seconds
from ..check_targets import Target, targets

NAME = "check"
HELP = "Run exercises in a fresh kernel and check their tasks from outside."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course check`."""
    parser.add_argument(
        "what", nargs="*", help="tasks (echo.2), exercises (echo) or notebooks; default: every exercise"
    )
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--full", action="store_true", help="show the transcripts of wrong answers whole")
    parser.add_argument("--timeout", type=seconds, default=10.0, help="seconds that one cell may run (default: 10)")
    parser.add_argument("--cold", action="store_true", help="start a fresh interpreter instead of a forked kernel")


def run(args: argparse.Namespace) -> int:
    """Check the exercises and print a verdict per task. Exit code 0, 1 where a task did not pass, 2 for bad input."""
    course = load()
    wanted = targets(course, args.what)
    terminal = sys.stdout.isatty() and not args.json
    rows, passed, broken = [], True, False
    for target in wanted:
        try:
            row, lines, ok = _check(course, target, args, terminal)
        except CourseError as error:
            row, lines, ok, broken = {"file": str(target.path), "error": str(error)}, [], False, True
            print(f"course: {error}", file=sys.stderr)
        rows.append(row)
        passed = passed and ok
        if not args.json:
            print("\n".join([f"{target.path}", *lines] if len(wanted) > 1 else lines), flush=True)
    if args.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    return 2 if broken else 0 if passed else 1


def _check(
    course: Course, target: Target, args: argparse.Namespace, terminal: bool
) -> tuple[dict[str, object], list[str], bool]:
    from ...grading.engine import check_notebook
    from ...grading.submission import read_submission, remember
    from ...kernels.kernel import Kernel
    from ..verdict_text import result_lines

    notebook = read_submission(target.path)
    result = check_notebook(
        course,
        target.lesson,
        notebook,
        tasks=target.tasks,
        kernel=functools.partial(Kernel.start, how="started" if args.cold else "forked"),
        name=str(target.path),
        cell_seconds=args.timeout,
    )
    if target.path.resolve() == course.exercise_path(target.lesson).resolve():
        remember(course, notebook, result)
    return {"file": str(target.path), **result.to_dict()}, result_lines(result, terminal, args.full), result.passed
