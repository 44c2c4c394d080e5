"""`course build`: exercises from solutions, and README's table from course.toml."""

from __future__ import annotations

import argparse
import sys

from ..manifest import load
from ..nb.build import build
from ..setup import readme

HELP = "Write every exercise anew from its solution, and README's table of lessons."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; show what differs, exit with 1")


def run(args: argparse.Namespace) -> int:
    course = load()
    changes = [*build(course, check=args.check), *readme.build(course, check=args.check)]
    if args.check:
        sys.stdout.writelines(change.diff for change in changes)
        return 1 if changes else 0
    for change in changes:
        print(f"wrote {change.path.relative_to(course.root)}")
    return 0
