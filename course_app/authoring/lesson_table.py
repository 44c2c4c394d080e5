"""The lessons as a Markdown table, for README.md and the website's front page."""

from __future__ import annotations

from pathlib import Path

from ..manifest import Course, Lesson


def lesson_table(course: Course) -> str:
    """Return a row per lesson: title, minutes, and the number of tasks.

    Links are relative to the course's folder, and made only to files that exist.
    """
    rows = ["| lesson | minutes | exercise |", "|---|---|---|"]
    for lesson in course.lessons:
        title = _link(f"{lesson.number:02d} · {lesson.title}", course.lesson_path(lesson), course.root)
        rows.append(f"| {title} | {lesson.minutes} | {_exercise(course, lesson)} |")
    return "\n".join(rows)


def _exercise(course: Course, lesson: Lesson) -> str:
    if not lesson.tasks:
        return ""
    return _link(f"{len(lesson.tasks)} tasks", course.exercise_path(lesson), course.root)


def _link(text: str, path: Path, root: Path) -> str:
    return f"[{text}]({path.relative_to(root).as_posix()})" if path.exists() else text
