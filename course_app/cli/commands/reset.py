"""`course reset`: a fresh exercise, or one fresh task in it; what was there is kept beside it."""

from __future__ import annotations

import argparse

from ...learner.reset import reset_exercise, reset_task
from ...manifest import load

HELP = "Bring an exercise, or one task of it, back to its start. Your version is backed up first."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", help="an exercise's slug or stem (echo, 02_echo), or a task's id (echo.1)")


def run(args: argparse.Namespace) -> int:
    course = load()
    if args.what in {task.id for task in course.tasks}:
        backup = reset_task(course, course.task(args.what))
    else:
        backup = reset_exercise(course, course.exercise(args.what.removesuffix(".ipynb").rpartition("/")[2]))
    print(
        f"{args.what} is fresh again." + (f" Your version is in {backup.relative_to(course.root)}." if backup else "")
    )
    return 0
