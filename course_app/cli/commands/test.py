"""`course test`: set up what is missing, and run every test of the project."""

from __future__ import annotations

import argparse

from ...manifest import find_root
from ...setup import test_parts, test_runner

HELP = "Set up what is missing and run every test, or the parts that you name."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course test`."""
    parser.add_argument("part", nargs="*", help="run these parts only; --list names them, `quick` means all quick ones")
    parser.add_argument("--list", action="store_true", help="name the parts and the command of each")


def run(args: argparse.Namespace) -> int:
    """Run the tests. Exit code 0, 1 where a part failed. Raises CourseError for an unknown part."""
    known = test_parts.parts(test_parts.cores())
    if args.list:
        for part in known:
            print(f"{part.name:12}{'quick' if part.quick else '':7}{' '.join(part.words[1:])}")
        return 0
    root = find_root()
    chosen = test_parts.choose(args.part, known)
    test_runner.set_up(root, chosen)
    results = test_runner.run(root, chosen, say=lambda text: print(text, flush=True))
    print("\n".join(test_runner.closing(results)), flush=True)
    return 1 if any(result.code for result in results) else 0
