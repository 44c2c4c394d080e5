"""`course feedback`: the pages that `course grade` wrote, each into its learner's folder on a hub."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Put each learner's feedback page into the feedback/ folder of their course. No link is followed."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("graded", type=Path, help="what `course grade --out` wrote; its name becomes the page's name")
    parser.add_argument("homes", type=Path, help="the folder with one folder per learner, such as /home")
    parser.add_argument("--folder", default="course", help="the course in a learner's folder (default: course)")


def run(args: argparse.Namespace) -> int:
    from ...classroom.home_folders import homes
    from ...classroom.return_feedback import give_back, pages_of

    became = give_back(args.graded, homes(args.homes, args.folder))
    for user, what in became.items():
        print(f"{user}: {what}")
    homeless = sorted(set(pages_of(args.graded)) - set(became))
    if homeless:
        print(f"no folder in {args.homes} for: {', '.join(homeless)}")
    given = sum(what.endswith(".html") for what in became.values())
    return 0 if given == len(pages_of(args.graded)) else 1
