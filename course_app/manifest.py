"""course.toml, read into frozen dataclasses."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import CourseError, ManifestError

FILE_NAME = "course.toml"
_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+){0,2}")


@dataclass(frozen=True)
class Task:
    """One task of an exercise.

    `id` is `<slug>.<number>`; `target` is the name that the learner's cell defines and the check exercises;
    `points` count towards the mark; a `stretch` task is optional; `cell` is the number of the task whose cell holds the
    answer, where it is not the task's own: so one program is checked for many requirements.
    """

    id: str
    title: str
    target: str
    points: int
    hints: tuple[str, ...]
    stretch: bool = False
    cell: int | None = None

    @property
    def slug(self) -> str:
        """The slug of the task's lesson, such as `echo`."""
        return self.id.rpartition(".")[0]

    @property
    def cell_prefix(self) -> str:
        """The start of this task's cell ids, such as `echo-1`."""
        return self.id.replace(".", "-")

    @property
    def answer_cell(self) -> str:
        """The id of the cell that a learner answers in, such as `echo-1-stub`."""
        number = self.id.rpartition(".")[2] if self.cell is None else self.cell
        return f"{self.slug}-{number}-stub"

    @property
    def has_own_cell(self) -> bool:
        """Whether the answer stands in the task's own cell, not in that of an earlier task."""
        return self.answer_cell == f"{self.cell_prefix}-stub"


@dataclass(frozen=True)
class Lesson:
    """One lesson and, where it has tasks, its exercise.

    `minutes` is reading and running time. `goal` is the purpose of the exercise and `leaves_out` the topics that it
    leaves to others, both for instructors. `departs` holds pairs of a rule of `course lint` that lesson or exercise
    departs from, and the reason.
    """

    number: int
    slug: str
    title: str
    minutes: int
    needs: tuple[str, ...]
    objectives: tuple[str, ...]
    app: str | None
    tasks: tuple[Task, ...]
    departs: tuple[tuple[str, str], ...] = ()
    goal: str = ""
    leaves_out: str = ""

    @property
    def stem(self) -> str:
        """The file name without suffix in every notebook folder, such as `03_echo`."""
        return f"{self.number:02d}_{self.slug}"


@dataclass(frozen=True)
class Course:
    """The whole course; `root` is the folder that holds course.toml."""

    root: Path
    title: str
    lessons: tuple[Lesson, ...]

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task, in the order of the lessons."""
        return tuple(task for lesson in self.lessons for task in lesson.tasks)

    @property
    def exercises(self) -> tuple[Lesson, ...]:
        """The lessons that have tasks."""
        return tuple(lesson for lesson in self.lessons if lesson.tasks)

    def lesson(self, slug: str) -> Lesson:
        """Return the lesson with that slug or stem. Raises CourseError and names the nearest."""
        for lesson in self.lessons:
            if slug in (lesson.slug, lesson.stem):
                return lesson
        raise CourseError(f"no lesson is called {slug!r}{nearest(slug, [lesson.slug for lesson in self.lessons])}")

    def exercise(self, slug: str) -> Lesson:
        """Return the lesson with that slug or stem, which has tasks. Raises CourseError."""
        lesson = self.lesson(slug)
        if not lesson.tasks:
            raise CourseError(f"lesson {lesson.stem} has no exercise; `course list` shows which have tasks")
        return lesson

    def task(self, task_id: str) -> Task:
        """Return the task with that id. Raises CourseError and names the nearest."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise CourseError(f"no task is called {task_id!r}{nearest(task_id, [task.id for task in self.tasks])}")

    def lesson_of(self, task_id: str) -> Lesson:
        """Return the lesson that a task belongs to. Raises CourseError and names the nearest task."""
        return self.lesson(self.task(task_id).slug)

    def exercise_path(self, lesson: Lesson) -> Path:
        """Return the path of the notebook that learners answer in."""
        return self.root / "exercises" / f"{lesson.stem}.ipynb"

    def solution_path(self, lesson: Lesson) -> Path:
        """Return the path of the notebook with the authored answers."""
        return self.root / "solutions" / f"{lesson.stem}.ipynb"

    def lesson_path(self, lesson: Lesson) -> Path:
        """Return the path of the lesson's notebook."""
        return self.root / "notebooks" / f"{lesson.stem}.ipynb"


def nearest(word: str, known: list[str]) -> str:
    """Return a suggestion to end an error message with: the nearest known word, or where to find them all."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else "; `course list` shows them all"


def find_root(start: Path | None = None) -> Path:
    """Return the course's folder: $COURSE_ROOT, else the nearest course.toml above `start`, else beside this package.

    Raises ManifestError where there is none.
    """
    named = os.environ.get("COURSE_ROOT")
    if named:
        if not (Path(named) / FILE_NAME).is_file():
            raise ManifestError(
                f"COURSE_ROOT is {named}, but no {FILE_NAME} lies there; unset it or point it at the course"
            )
        return Path(named).resolve()
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parent.parent):
        if (folder / FILE_NAME).is_file():
            return folder
    raise ManifestError(f"no {FILE_NAME} in {here} or above; run this from the course's folder, or set COURSE_ROOT")


def load(root: Path | None = None) -> Course:
    """Read course.toml in `root` (default: `find_root()`). Raises ManifestError with file, key and what is wrong."""
    folder = root or find_root()
    path = folder / FILE_NAME
    try:
        return _load(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}") from error


@lru_cache(maxsize=8)
def _load(path: Path, _modified: int) -> Course:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path} is not valid TOML: {error}") from error
    _refuse_unknown(data, {"title", "lesson"}, str(path))
    title = _take(data, "title", str, str(path))
    tables = _tables(data, "lesson", str(path))
    lessons = tuple(_lesson(table, f"{path}: [[lesson]] number {place}") for place, table in enumerate(tables, start=1))
    if not lessons:
        raise ManifestError(f"{path} has no [[lesson]]; add at least one")
    _refuse_repeats(path, "lesson number", [str(lesson.number) for lesson in lessons])
    _refuse_repeats(path, "slug", [lesson.slug for lesson in lessons])
    known = {lesson.slug for lesson in lessons}
    for lesson in lessons:
        for need in lesson.needs:
            if need not in known:
                close = difflib.get_close_matches(need, sorted(known), n=1)
                hint = f"; did you mean {close[0]!r}?" if close else f"; lessons are {', '.join(sorted(known))}"
                raise ManifestError(
                    f"{path}: lesson {lesson.slug!r}: key 'needs' names {need!r}, which is no lesson{hint}"
                )
    return Course(root=path.parent, title=title, lessons=lessons)


def _lesson(table: dict[str, Any], where: str) -> Lesson:
    slug = _take(table, "slug", str, where)
    if not _SLUG.fullmatch(slug):
        raise ManifestError(f"{where}: key 'slug' is {slug!r}; use one to three words of a-z and 0-9, joined by '_'")
    where = f"{where} ({slug})"
    tasks = tuple(
        _task(entry, slug, number, where) for number, entry in enumerate(_tables(table, "task", where), start=1)
    )
    _refuse_shared(tasks, where)
    known = {"number", "slug", "title", "minutes", "needs", "objectives", "app", "task"}
    _refuse_unknown(table, known | {"goal", "leaves_out", "departs"}, where)
    return Lesson(
        number=_count(table, "number", 99, where),
        slug=slug,
        title=_take(table, "title", str, where),
        minutes=_count(table, "minutes", 600, where),
        needs=_strings(table, "needs", where),
        objectives=_strings(table, "objectives", where),
        app=_take(table, "app", str, where) if "app" in table else None,
        tasks=tasks,
        departs=_reasons(table, "departs", where),
        goal=_take(table, "goal", str, where) if "goal" in table else "",
        leaves_out=_take(table, "leaves_out", str, where) if "leaves_out" in table else "",
    )


def _task(table: dict[str, Any], slug: str, number: int, where: str) -> Task:
    where = f"{where}: task {number}"
    _refuse_unknown(table, {"title", "target", "points", "hints", "stretch", "cell"}, where)
    hints = _strings(table, "hints", where)
    if not 1 <= len(hints) <= 3:
        raise ManifestError(f"{where}: key 'hints' has {len(hints)} entries; give one to three, the first a question")
    return Task(
        id=f"{slug}.{number}",
        title=_take(table, "title", str, where),
        target=_name(table, "target", where),
        points=_count(table, "points", 100, where),
        hints=hints,
        stretch=_take(table, "stretch", bool, where) if "stretch" in table else False,
        cell=_count(table, "cell", 99, where) if "cell" in table else None,
    )


def _refuse_shared(tasks: tuple[Task, ...], where: str) -> None:
    """Raise ManifestError where a task shares a cell that is no earlier task's, or defines another name there."""
    own: dict[str, str] = {}
    for task in tasks:
        if task.has_own_cell:
            own[task.answer_cell] = task.target
        elif own.get(task.answer_cell) != task.target:
            raise ManifestError(
                f"{where}: key 'cell' of {task.id} is {task.cell}; "
                f"name a task before it whose own cell defines {task.target}"
            )


def _take(table: dict[str, Any], key: str, kind: type, where: str) -> Any:
    if key not in table:
        raise ManifestError(f"{where}: key {key!r} is missing")
    if type(table[key]) is not kind:
        raise ManifestError(f"{where}: key {key!r} must be {kind.__name__}, not {type(table[key]).__name__}")
    return table[key]


def _tables(table: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    values = table.get(key, [])
    if not (isinstance(values, list) and all(isinstance(value, dict) for value in values)):
        raise ManifestError(f"{where}: key {key!r} must be a list of tables; begin each with a line in double brackets")
    return values


def _count(table: dict[str, Any], key: str, most: int, where: str) -> int:
    value: int = _take(table, key, int, where)
    if not 0 <= value <= most:
        raise ManifestError(f"{where}: key {key!r} is {value}; it must lie between 0 and {most}")
    return value


def _name(table: dict[str, Any], key: str, where: str) -> str:
    value: str = _take(table, key, str, where)
    if not value.isidentifier():
        raise ManifestError(f"{where}: key {key!r} is {value!r}, which is no name that Python code can define")
    return value


def _strings(table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = _take(table, key, list, where)
    if not all(isinstance(value, str) for value in values):
        raise ManifestError(f"{where}: key {key!r} must be a list of strings")
    return tuple(values)


def _reasons(table: dict[str, Any], key: str, where: str) -> tuple[tuple[str, str], ...]:
    values = _take(table, key, dict, where) if key in table else {}
    for rule, reason in values.items():
        if not (isinstance(reason, str) and reason.strip()):
            raise ManifestError(f"{where}: key {key!r}: give {rule!r} a reason as text")
    return tuple(values.items())


def _refuse_unknown(table: dict[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise ManifestError(f"{where}: key {key!r} is unknown; known are {', '.join(sorted(known))}")


def _refuse_repeats(path: Path, what: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise ManifestError(f"{path}: {what} {value} is used twice; each must be its own")
