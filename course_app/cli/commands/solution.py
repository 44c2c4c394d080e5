"""`course solution TASK`: show the authored answer, after passing or after asking twice."""

from __future__ import annotations

import argparse

from ...learner.commands import answer
from ...learner.progress import Progress
from ...manifest import load

HELP = "Show the authored answer to a task, once it has passed or when asked a second time."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course solution`."""
    parser.add_argument("task", help="a task's id, such as echo.1")


def run(args: argparse.Namespace) -> int:
    """Print the authored answer. Exit code 0, 1 where it is not shown yet. Raises CourseError for an unknown task."""
    course = load()
    found = answer(course, Progress.load(course.root), course.task(args.task))
    print(found)
    return 0 if found.code else 1
