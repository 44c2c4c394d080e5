"""`course build`: what is written from something else: exercises, README's table, pages of docs/, the map."""

from __future__ import annotations

import argparse
import sys

from ...authoring import readme_table
from ...authoring.build import build, exercises_page, glossary_page, roadmap_figure
from ...manifest import load

HELP = "Write every exercise anew from its solution, README's table of lessons, the pages of docs/ and the map."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; show what differs, exit with 1")


def run(args: argparse.Namespace) -> int:
    course = load()
    made = (build, readme_table.build, glossary_page, exercises_page, roadmap_figure)
    changes = [change for make in made for change in make(course, check=args.check)]
    if args.check:
        sys.stdout.writelines(change.diff for change in changes)
        return 1 if changes else 0
    for change in changes:
        print(f"wrote {change.path.relative_to(course.root)}")
    return 0
