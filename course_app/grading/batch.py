"""A class: submissions in, one row each out, whatever happens to any of them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ..checks.sources import source_digest
from ..manifest import Course, Lesson, Task
from .collect import Submission, choose, collect
from .grade_bytes import Options
from .workers import Job

Verdicts = Iterator[tuple[Any, dict[str, Any]]]
Runner = Callable[[Iterator[Job]], Verdicts]
"""Grades jobs somewhere and yields their keys with their verdicts, in any order, each key once."""

JOURNAL = "rows.jsonl"


@dataclass(frozen=True)
class Row:
    """One submission and what came of it.

    `problem` says why the file could not be graded, `failed` why the grader could not; both give no points.
    `result` is `Result.to_dict()`, or None. `key` names content, exercise and options; `resumed` says that the row
    was taken over from an earlier run with the same key.
    """

    submission: Submission
    key: str = ""
    problem: str = ""
    failed: str = ""
    result: dict[str, Any] | None = None
    resumed: bool = False

    def points(self, task: Task) -> int:
        """Return the points for a task: all of them where it passed, else none."""
        return task.points if self.outcome(task) == "passed" else 0

    def outcome(self, task: Task) -> str:
        """Return the task's outcome, empty where the submission is of another exercise or could not be graded."""
        for verdict in (self.result or {}).get("verdicts", []):
            if verdict["task"] == task.id:
                return str(verdict["outcome"])
        return ""


@dataclass(frozen=True)
class Gradebook:
    """A graded class. `unsandboxed` is empty, or why learners' code was not kept in a sandbox."""

    course: Course
    rows: tuple[Row, ...]
    options: Options
    due: datetime | None
    unsandboxed: str
    began: datetime
    seconds: float

    @cached_property
    def lessons(self) -> tuple[Lesson, ...]:
        """The exercises that somebody handed in."""
        stems = {row.submission.lesson for row in self.rows}
        return tuple(lesson for lesson in self.course.exercises if lesson.stem in stems)

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(task for lesson in self.lessons for task in lesson.tasks)

    @cached_property
    def students(self) -> dict[str, list[Row]]:
        """Rows by student, in order of their names."""
        found: dict[str, list[Row]] = {}
        for row in sorted(self.rows, key=lambda row: (row.submission.student, row.submission.lesson)):
            found.setdefault(row.submission.student, []).append(row)
        return found

    def points(self, student: str, task: Task) -> int:
        return sum(row.points(task) for row in self.students[student])

    def total(self, student: str) -> int:
        return sum(self.points(student, task) for task in self.tasks)

    @property
    def most(self) -> int:
        """The points that one student can have."""
        return sum(task.points for task in self.tasks)


def grade(
    course: Course,
    place: Path,
    out: Path,
    run: Runner,
    options: Options,
    *,
    due: datetime | None = None,
    resume: bool = False,
    unsandboxed: str = "",
    each: Callable[[Row, int], None] = lambda row, count: None,
) -> Gradebook:
    """Grade every submission in `place` and keep each row in `out` as it comes.

    `each` is told every row, and how many there will be. With `resume`, rows of an earlier run are taken over where
    content, exercise and options are the same. Raises CourseError for a place without submissions.
    """
    began, clock = datetime.now().astimezone(), time.perf_counter()
    chosen = choose(collect(course, place), due)
    out.mkdir(parents=True, exist_ok=True)
    with ResumeLog(out / JOURNAL, resume) as journal:
        rows = []
        for row in _rows(course, chosen, run, options, journal):
            rows.append(row)
            each(row, len(chosen))
    seconds = time.perf_counter() - clock
    return Gradebook(course, tuple(rows), options, due, unsandboxed, began, seconds)


def _rows(course: Course, chosen: list[Submission], run: Runner, options: Options, journal: ResumeLog) -> Iterator[Row]:
    canonical = {lesson.stem: canonical_hash(course, lesson, options) for lesson in course.exercises}
    keys: dict[int, str] = {}
    done: list[Row] = []

    def jobs() -> Iterator[Job]:
        for number, one in enumerate(chosen):
            problem = one.problem or ("" if one.lesson else f"{one.source}: no exercise of this course")
            if problem:
                done.append(Row(one, problem=problem))
                continue
            try:
                data = one.read()
            except Exception as error:  # whatever a file system or a zip says: this row's problem
                done.append(Row(one, problem=str(error)))
                continue
            keys[number] = hashlib.sha256(data).hexdigest() + "-" + canonical[one.lesson]
            earlier = journal.find(keys[number])
            if earlier is not None:
                done.append(Row(one, key=keys[number], result=earlier, resumed=True))
                continue
            yield Job(number, one.lesson, one.source, lambda data=data: data)  # type: ignore[misc]

    def finished() -> Iterator[Row]:
        while done:
            yield done.pop(0)

    for number, verdict in run(jobs()):
        yield from finished()
        row = Row(chosen[number], key=keys[number], **verdict)
        if row.result is not None:
            journal.add(row.key, row.result)
        yield row
    yield from finished()


def canonical_hash(course: Course, lesson: Lesson, options: Options) -> str:
    """Return a digest of everything but the submission that shapes a verdict."""
    parts = [
        course.solution_path(lesson).read_bytes(),
        repr(lesson).encode(),
        source_digest(lesson.slug),
        json.dumps(options.to_dict(), sort_keys=True).encode(),
    ]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


class ResumeLog:
    """Finished rows, one JSON object per line, so that an interrupted run can be taken up again."""

    def __init__(self, path: Path, resume: bool) -> None:
        self.path = path
        self._known: dict[str, dict[str, Any]] = {}
        if resume and path.is_file():
            self._read()
        self._file = path.open("a" if resume else "w", encoding="utf-8")

    def __enter__(self) -> ResumeLog:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def find(self, key: str) -> dict[str, Any] | None:
        return self._known.get(key)

    def add(self, key: str, result: dict[str, Any]) -> None:
        self._file.write(json.dumps({"key": key, "result": result}) + "\n")
        self._file.flush()

    def _read(self) -> None:
        with self.path.open(encoding="utf-8") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                    self._known[entry["key"]] = entry["result"]
                except (ValueError, KeyError, TypeError):
                    continue  # the line that was being written when the run was interrupted
