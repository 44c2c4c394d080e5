"""Learners' exercises, copied into the folder that `course grade` reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import CourseError, NotebookError
from ..learner.progress import answer_cells, normal
from ..manifest import Course, Lesson
from ..nb.cells import Notebook
from ..nb.files import MAX_BYTES, parse, read
from ..storage import stamp
from .learner_folders import LearnerFolder
from .learner_folders import read as read_from

COLLECTED, SAME, UNTOUCHED, MISSING, REFUSED = "collected", "as before", "untouched", "missing", "refused"


@dataclass(frozen=True)
class Item:
    """The outcome for one learner's exercise: one of the words above; `detail` says why it was refused."""

    user: str
    lesson: Lesson
    outcome: str
    detail: str = ""


def collect(course: Course, learners: Iterable[LearnerFolder], out: Path, lessons: Iterable[Lesson]) -> list[Item]:
    """Copy the exercises of `learners` to `out/<user>/<time>/<exercise>.ipynb`, and return the outcome for each.

    A file's time is the time of collection, because learners can set the times of their own files. A file that has not
    changed since it was last collected is not copied again, so that its first collection counts. An exercise without
    an answer is not collected. Every learner gets a folder, and so a row among the grades.
    Raises CourseError where `out` cannot be written.
    """
    wanted = list(lessons)
    moment = stamp()
    try:
        return [
            _collect(course, learner, lesson, out / learner.user, moment) for learner in learners for lesson in wanted
        ]
    except OSError as error:
        raise CourseError(f"{error.filename or out} cannot be written: {error.strerror}") from error


def _collect(course: Course, learner: LearnerFolder, lesson: Lesson, folder: Path, moment: str) -> Item:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{lesson.stem}.ipynb"
    try:
        data = read_from(learner, f"exercises/{name}", MAX_BYTES)
    except FileNotFoundError:
        return Item(learner.user, lesson, MISSING)
    except CourseError as error:
        return Item(learner.user, lesson, REFUSED, str(error))
    earlier = sorted(folder.glob(f"*/{name}"))
    if earlier and earlier[-1].read_bytes() == data:
        return Item(learner.user, lesson, SAME)
    if not earlier and _is_untouched(course, lesson, data):
        return Item(learner.user, lesson, UNTOUCHED)
    (folder / moment).mkdir(exist_ok=True)
    (folder / moment / name).write_bytes(data)
    return Item(learner.user, lesson, COLLECTED)


def _is_untouched(course: Course, lesson: Lesson, data: bytes) -> bool:
    """Return whether the answer cells are as they were handed out; they are not in a file that cannot be read."""
    try:
        own = parse(data, lesson.stem, strict=False)
    except NotebookError:
        return False
    return _answers(own, lesson) == _answers(read(course.exercise_path(lesson)), lesson)


def _answers(nb: Notebook, lesson: Lesson) -> list[str | None]:
    cells = answer_cells(nb)
    found = [cells.get(task.answer_cell) for task in lesson.tasks]
    return [normal(cell["source"]) if cell else None for cell in found]
