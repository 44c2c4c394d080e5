"""`course reset`: write an exercise, or one task of it, anew after a backup."""

from __future__ import annotations

import argparse

from ...learner.reset import reset_exercise, reset_task
from ...manifest import load

HELP = "Bring an exercise, or one task of it, back to its start. Your version is backed up first."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course reset`."""
    parser.add_argument("what", help="an exercise's slug or stem (echo, 03_echo), or a task's id (echo.1)")


def run(args: argparse.Namespace) -> int:
    """Write the exercise or the task anew after a backup. Exit code 0. Raises CourseError; nothing is changed then."""
    course = load()
    if args.what in {task.id for task in course.tasks}:
        backup = reset_task(course, course.task(args.what))
    else:
        backup = reset_exercise(course, course.exercise(args.what.removesuffix(".ipynb").rpartition("/")[2]))
    print(
        f"{args.what} is fresh again." + (f" Your version is in {backup.relative_to(course.root)}." if backup else "")
    )
    return 0
