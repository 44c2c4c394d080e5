"""`course build`: write the generated files: exercises, README's table, pages of docs/, the roadmap."""

from __future__ import annotations

import argparse
import sys

from ...authoring import readme_table
from ...authoring.build import build, exercises_page, glossary_page, roadmap_figure
from ...manifest import load

HELP = "Write exercises from their solutions, README's table of lessons, the pages of docs/ and the roadmap."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course build`."""
    parser.add_argument("--check", action="store_true", help="write nothing; show what differs, exit with 1")


def run(args: argparse.Namespace) -> int:
    """Write every generated file that differs. Exit code 0, with --check 1 where one differs. Raises CourseError."""
    course = load()
    made = (build, readme_table.build, glossary_page, exercises_page, roadmap_figure)
    changes = [change for make in made for change in make(course, check=args.check)]
    if args.check:
        sys.stdout.writelines(change.diff for change in changes)
        return 1 if changes else 0
    for change in changes:
        print(f"wrote {change.path.relative_to(course.root)}")
    return 0
