"""A class of submissions becomes a gradebook: one row per submission, whatever happens to any of them."""

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
from .resume_log import ResumeLog
from .workers import Job

Verdicts = Iterator[tuple[Any, dict[str, Any]]]
Runner = Callable[[Iterator[Job]], Verdicts]
"""Grades jobs in other processes and yields each job's key with its verdict, once, in any order."""

RESUME_LOG = "rows.jsonl"
"""The file in the output folder that holds finished rows."""


@dataclass(frozen=True)
class Row:
    """One submission and its result.

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
        """The exercises of which there is a submission, in the course's order."""
        stems = {row.submission.lesson for row in self.rows}
        return tuple(lesson for lesson in self.course.exercises if lesson.stem in stems)

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of those exercises, in the course's order."""
        return tuple(task for lesson in self.lessons for task in lesson.tasks)

    @cached_property
    def students(self) -> dict[str, list[Row]]:
        """The rows by student, sorted by the student's name, then by exercise."""
        found: dict[str, list[Row]] = {}
        for row in sorted(self.rows, key=lambda row: (row.submission.student, row.submission.lesson)):
            found.setdefault(row.submission.student, []).append(row)
        return found

    def points(self, student: str, task: Task) -> int:
        """Return a student's points for a task. Raises KeyError for a student who is not in the gradebook."""
        return sum(row.points(task) for row in self.students[student])

    def total(self, student: str) -> int:
        """Return a student's points for all tasks. Raises KeyError for a student who is not in the gradebook."""
        return sum(self.points(student, task) for task in self.tasks)

    @property
    def most(self) -> int:
        """The points of all tasks: the most that one student can have."""
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
    each: Callable[[Row, int], None] = lambda _row, _count: None,
) -> Gradebook:
    """Grade every submission in `place`, a folder or a zip file, and store each result in `out` when it is there.

    `run` grades jobs in other processes; `options` shapes the verdicts. `due` decides which submission counts.
    With `resume`, results of an earlier run into `out` are taken over where content, exercise and options are the same.
    `unsandboxed` is the reason for grading without a sandbox, or empty.
    `each` is called with every row and the number of rows that there will be.
    Raises CourseError for a place without submissions.
    """
    began, clock = datetime.now().astimezone(), time.perf_counter()
    chosen = choose(collect(course, place), due)
    out.mkdir(parents=True, exist_ok=True)
    with ResumeLog(out / RESUME_LOG, resume) as log:
        rows = []
        for row in _rows(course, chosen, run, options, log):
            rows.append(row)
            each(row, len(chosen))
    seconds = time.perf_counter() - clock
    return Gradebook(course, tuple(rows), options, due, unsandboxed, began, seconds)


def _rows(course: Course, chosen: list[Submission], run: Runner, options: Options, log: ResumeLog) -> Iterator[Row]:
    canonical = {lesson.stem: canonical_hash(course, lesson, options) for lesson in course.exercises}
    keys: dict[int, str] = {}
    done: list[Row] = []

    def jobs() -> Iterator[Job]:
        for number, submission in enumerate(chosen):
            if submission.problem or not submission.lesson:
                problem = submission.problem or f"{submission.source}: no exercise of this course"
                done.append(Row(submission, problem=problem))
                continue
            try:
                data = submission.read()
            except Exception as error:  # whatever a file system or a zip says: this row's problem
                done.append(Row(submission, problem=str(error)))
                continue
            keys[number] = hashlib.sha256(data).hexdigest() + "-" + canonical[submission.lesson]
            earlier = log.find(keys[number])
            if earlier is not None:
                done.append(Row(submission, key=keys[number], result=earlier, resumed=True))
                continue
            yield Job(number, submission.lesson, submission.source, lambda data=data: data)  # type: ignore[misc]

    def finished() -> Iterator[Row]:
        while done:
            yield done.pop(0)

    for number, verdict in run(jobs()):
        yield from finished()
        row = Row(chosen[number], key=keys[number], **verdict)
        if row.result is not None:
            log.add(row.key, row.result)
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
