"""`course tidy`: bring lessons and solutions into their committed form."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...authoring.build import tidy_course, tidy_file
from ...manifest import load

HELP = "Bring lessons and solutions into their committed form: text outputs only, fixed counts, little metadata."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course tidy`."""
    parser.add_argument("notebooks", nargs="*", type=Path, help="files to tidy (default: every lesson and solution)")
    parser.add_argument("--check", action="store_true", help="write nothing; show what differs, exit with 1")


def run(args: argparse.Namespace) -> int:
    """Tidy the notebooks. Exit code 0, with --check 1 where one differs. Raises NotebookError."""
    if args.notebooks:
        changes = [change for path in args.notebooks for change in tidy_file(path, check=args.check)]
    else:
        changes = tidy_course(load(), check=args.check)
    for change in changes:
        if args.check:
            sys.stdout.write(change.diff)
        else:
            print(f"tidied {change.path}")
    return 1 if args.check and changes else 0
