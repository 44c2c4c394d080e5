"""`course feedback`: copy the pages that `course grade` wrote into the learners' folders on a hub."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Put each learner's feedback page into the feedback/ folder of their course. No link is followed."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course feedback`."""
    parser.add_argument("graded", type=Path, help="what `course grade --out` wrote; its name becomes the page's name")
    parser.add_argument("folders", type=Path, help="the folder with one folder per learner, such as /home")
    parser.add_argument("--folder", default="course", help="the course in a learner's folder (default: course)")


def run(args: argparse.Namespace) -> int:
    """Copy feedback pages into learners' folders. Exit code 0, 1 where a page has no folder. Raises CourseError."""
    from ...classroom.learner_folders import learner_folders
    from ...classroom.return_feedback import pages_of, return_feedback

    outcomes = return_feedback(args.graded, learner_folders(args.folders, args.folder))
    for user, outcome in outcomes.items():
        print(f"{user}: {outcome}")
    pages = pages_of(args.graded)
    if without_folder := sorted(set(pages) - set(outcomes)):
        print(f"no folder in {args.folders} for: {', '.join(without_folder)}")
    returned = sum(outcome.endswith(".html") for outcome in outcomes.values())
    return 0 if returned == len(pages) else 1
