"""Learners' exercises, brought together in the folder that `course grade` reads."""

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
from .home_folders import Home
from .home_folders import read as read_from

COLLECTED, SAME, UNTOUCHED, MISSING, REFUSED = "collected", "as before", "untouched", "missing", "refused"


@dataclass(frozen=True)
class Item:
    """What became of one learner's exercise: one of the words above; `detail` says why it was refused."""

    user: str
    lesson: Lesson
    outcome: str
    detail: str = ""


def collect(course: Course, learners: Iterable[Home], out: Path, lessons: Iterable[Lesson]) -> list[Item]:
    """Copy what learners have worked on to `out/<user>/<moment>/<exercise>.ipynb`, and return what became of each.

    A file's time is the moment of collection, since a learner can set that of their own. What has not changed since
    it was last collected is not copied again, so that its first collection counts. An exercise that is as it was
    handed out is not collected. Everybody gets a folder, so that nobody is left out of the grades.
    Raises CourseError where `out` cannot be written.
    """
    wanted = list(lessons)
    moment = stamp()
    try:
        return [_collect(course, home, lesson, out / home.user, moment) for home in learners for lesson in wanted]
    except OSError as error:
        raise CourseError(f"{error.filename or out} cannot be written: {error.strerror}") from error


def _collect(course: Course, home: Home, lesson: Lesson, folder: Path, moment: str) -> Item:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{lesson.stem}.ipynb"
    try:
        data = read_from(home, f"exercises/{name}", MAX_BYTES)
    except FileNotFoundError:
        return Item(home.user, lesson, MISSING)
    except CourseError as error:
        return Item(home.user, lesson, REFUSED, str(error))
    earlier = sorted(folder.glob(f"*/{name}"))
    if earlier and earlier[-1].read_bytes() == data:
        return Item(home.user, lesson, SAME)
    if not earlier and _is_untouched(course, lesson, data):
        return Item(home.user, lesson, UNTOUCHED)
    (folder / moment).mkdir(exist_ok=True)
    (folder / moment / name).write_bytes(data)
    return Item(home.user, lesson, COLLECTED)


def _is_untouched(course: Course, lesson: Lesson, data: bytes) -> bool:
    """Return whether the cells that hold the answers are as they were handed out; a broken file is somebody's work."""
    try:
        own = parse(data, lesson.stem, strict=False)
    except NotebookError:
        return False
    return _answers(own, lesson) == _answers(read(course.exercise_path(lesson)), lesson)


def _answers(nb: Notebook, lesson: Lesson) -> list[str | None]:
    cells = answer_cells(nb)
    found = [cells.get(task.answer_cell) for task in lesson.tasks]
    return [normal(cell["source"]) if cell else None for cell in found]
