"""`course list`: list lessons and tasks with the learner's progress."""

from __future__ import annotations

import argparse
import json

from ...display.progress_bar import progress_bar
from ...learner.progress import PASSED, Progress, standing
from ...manifest import Lesson, load

HELP = "Show every lesson and exercise, with a bar for what has passed."
MARKS = {"passed": "✔", "attempted": "✘", "fresh": "○"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course list`."""
    parser.add_argument("lesson", nargs="?", help="one lesson's slug or stem, such as echo: list its tasks")
    parser.add_argument("--json", action="store_true", help="print the same as JSON")


def run(args: argparse.Namespace) -> int:
    """Print a line per lesson, or per task of one lesson. Exit code 0. Raises CourseError for an unknown lesson."""
    course = load()
    state = Progress.load(course.root)
    lessons = [course.lesson(args.lesson)] if args.lesson else list(course.lessons)
    found = {lesson.slug: standing(course, lesson, state) for lesson in lessons}
    if args.json:
        print(json.dumps([_row(lesson, found[lesson.slug]) for lesson in lessons], indent=1))
        return 0
    for lesson in lessons:
        print(_line(lesson, found[lesson.slug]))
        if args.lesson:
            for task in lesson.tasks:
                print(f"  {MARKS[found[lesson.slug][task.id]]} {task.id:12} {task.title}")
    return 0


def _row(lesson: Lesson, outcomes: dict[str, str]) -> dict[str, object]:
    return {"lesson": lesson.stem, "title": lesson.title, "minutes": lesson.minutes, "tasks": outcomes}


def _line(lesson: Lesson, outcomes: dict[str, str]) -> str:
    done = list(outcomes.values()).count(PASSED)
    share = f"{done} of {len(outcomes)}" if outcomes else ""
    return f"{lesson.stem:18} {progress_bar(done, len(outcomes))}  {share:7}  {lesson.title}"
