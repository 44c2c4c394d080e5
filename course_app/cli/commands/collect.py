"""`course collect`: copy learners' exercises from their folders on a hub, for `course grade`."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from ...manifest import load

HELP = "Copy learners' exercises out of their folders into one that `course grade` reads. No link is followed."


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course collect`."""
    parser.add_argument("folders", type=Path, help="the folder with one folder per learner, such as /home")
    parser.add_argument("--out", type=Path, required=True, help="the folder that submissions are kept in")
    parser.add_argument("--exercise", action="append", metavar="NAME", help="only this one (echo); may be repeated")
    parser.add_argument("--folder", default="course", help="the course in a learner's folder (default: course)")


def run(args: argparse.Namespace) -> int:
    """Copy exercises out of learners' folders. Exit code 0, 1 where a file was refused. Raises CourseError."""
    from ...classroom.collect_exercises import REFUSED, collect
    from ...classroom.learner_folders import learner_folders

    course = load()
    lessons = [course.lesson(name) for name in args.exercise] if args.exercise else course.exercises
    learners = learner_folders(args.folders, args.folder)
    items = collect(course, learners, args.out, lessons)
    for learner in learners:
        outcomes = Counter(item.outcome for item in items if item.user == learner.user)
        print(f"{learner.user}: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    refused = [item for item in items if item.outcome == REFUSED]
    for item in refused:
        print(f"  {item.detail}")
    print(f"next: course grade {args.out} --out GRADED")
    return 1 if refused else 0
