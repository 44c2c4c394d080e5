"""`course hint TASK`: show the next hint for a task."""

from __future__ import annotations

import argparse

from ...learner.commands import next_hint
from ...learner.progress import Progress
from ...manifest import load

HELP = "Show the next hint for a task; each call goes one level deeper."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course hint`."""
    parser.add_argument("task", help="a task's id, such as echo.1")


def run(args: argparse.Namespace) -> int:
    """Print the next hint. Exit code 0. Raises CourseError for an unknown task."""
    course = load()
    print(next_hint(Progress.load(course.root), course.task(args.task)))
    return 0
