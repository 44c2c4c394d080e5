"""Folders of a class, as they are on a hub and after grading, without a hub."""

from __future__ import annotations

import json
from pathlib import Path

from course_app.classroom.hand_out import hand_out
from course_app.manifest import Course, Lesson
from course_app.nb.files import read, write

LEARNERS = ("ada", "grace")


def make_homes(course: Course, place: Path) -> Path:
    """Make the folder `place` with a folder for each learner, in each of which is the course; return `place`."""
    for name in LEARNERS:
        hand_out(course.root, place / name / "course")
    return place


def make_graded(place: Path) -> Path:
    """Make `place` a folder as `course grade --out` writes it, where Ada's page is not named after her; return it."""
    (place / "feedback").mkdir(parents=True)
    (place / "feedback" / "ada-2.html").write_text("well done, ada")
    students = [{"student": "ada", "feedback": "feedback/ada-2.html"}]
    (place / "grades.json").write_text(json.dumps({"students": students}))
    return place


def exercise_of(homes: Path, name: str, lesson: Lesson) -> Path:
    """Return the path of a learner's exercise."""
    return homes / name / "course" / "exercises" / f"{lesson.stem}.ipynb"


def answer(homes: Path, name: str, lesson: Lesson, text: str) -> None:
    """Write `text` into the first answer cell of a learner's exercise."""
    path = exercise_of(homes, name, lesson)
    nb = read(path)
    next(cell for cell in nb["cells"] if cell["id"] == lesson.tasks[0].answer_cell)["source"] = text
    write(path, nb)
