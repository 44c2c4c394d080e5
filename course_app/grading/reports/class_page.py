"""report.html: the class on one page that needs nothing but itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ...checks.verdict import Outcome
from ...manifest import Task
from ..batch import Gradebook, Row
from .rendering import render, shortened

_BINS = 10
_MOST_COMMON = 12
_MOST_REPAIRS = 8


@dataclass(frozen=True)
class Bin:
    """One bar of the histogram: the points it stands for, such as `4–5`, and the number of students with so many."""

    label: str
    count: int


@dataclass(frozen=True)
class StudentRow:
    """One line of the table of students; `outcomes` holds one per task, None where nothing was handed in."""

    name: str
    page: str
    outcomes: list[Outcome | None]
    total: int
    notes: list[str]


@dataclass(frozen=True)
class TaskRow:
    """One line of the table of tasks; `counts` holds the students per outcome, `success` a percentage as text."""

    task: Task
    counts: list[int]
    success: str


def write(book: Gradebook, path: Path, pages: dict[str, str]) -> None:
    """Write the report to `path`; `pages` has the file name of each student's feedback page."""
    path.write_text(page(book, pages), encoding="utf-8")


def page(book: Gradebook, pages: dict[str, str]) -> str:
    """Return the report as HTML; `pages` has the file name of each student's feedback page."""
    return render(
        "report.html.jinja",
        book=book,
        summary=_summary(book),
        bins=bins([book.total(student) for student in book.students], book.most),
        task_columns=[(task.id, False) for task in book.tasks],
        outcome_columns=[(outcome.value.replace("_", " "), True) for outcome in Outcome],
        students=[_student(book, student, rows, pages[student]) for student, rows in book.students.items()],
        tasks=[_task(book, task) for task in book.tasks],
        diagnoses=_diagnoses(book),
        problems=_problems(book),
        repairs=_repairs(book),
        stages=_stages(book),
    )


def bins(totals: list[int], most: int) -> list[Bin]:
    """Return the histogram of `totals`, points of 0 to `most`, in ten bins; a bin without whole points has no label."""
    counts = Counter(min(_BINS - 1, total * _BINS // most) if most else 0 for total in totals)
    return [Bin(_span(*_edges(place, most)), counts[place]) for place in range(_BINS)]


def _edges(place: int, most: int) -> tuple[int, int]:
    """Return the whole points that fall into a bin, first and last."""
    first = -(-place * most // _BINS)
    last = most if place == _BINS - 1 else -(-(place + 1) * most // _BINS) - 1
    return first, last


def _span(low: int, high: int) -> str:
    return "" if high < low else str(low) if low == high else f"{low}–{high}"


def _summary(book: Gradebook) -> str:
    totals = [book.total(student) for student in book.students]
    how = "without a sandbox" if book.unsandboxed else "in a sandbox"
    due = f" Due {book.due:%Y-%m-%d %H:%M}." if book.due else ""
    return (
        f"{len(totals)} students, {len(book.rows)} submissions, graded {how} on {book.began:%Y-%m-%d %H:%M} "
        f"in {book.seconds:.1f} s.{due} Median {median(totals):g} of {book.most} points."
    )


def _student(book: Gradebook, student: str, rows: list[Row], page: str) -> StudentRow:
    outcomes = [_outcome(rows, task) for task in book.tasks]
    return StudentRow(student, page, outcomes, book.total(student), [note for row in rows for note in _notes(row)])


def _outcome(rows: list[Row], task: Task) -> Outcome | None:
    found = (row.outcome(task) for row in rows)
    return next((Outcome(outcome) for outcome in found if outcome), None)


def _notes(row: Row) -> Iterator[str]:
    if row.problem:
        yield shortened(row.problem, 300)
    if row.failed:
        yield f"the grader failed: {shortened(row.failed, 300)}"
    if row.submission.late:
        yield "late"
    if row.submission.superseded:
        yield f"{len(row.submission.superseded)} other file(s) not counted"
    if row.resumed:
        yield "taken over"
    result = row.result or {}
    if result.get("stopped"):
        yield f"stopped at {shortened(result['stopped'], 300)}"
    if result.get("repairs"):
        yield f"{len(result['repairs'])} repair(s)"


def _task(book: Gradebook, task: Task) -> TaskRow:
    counts = Counter(row.outcome(task) for row in book.rows)
    of = len(book.students)
    success = f"{100 * counts[Outcome.PASSED] / of:.0f} %" if of else ""
    return TaskRow(task, [counts[outcome] for outcome in Outcome], success)


def _diagnoses(book: Gradebook) -> list[tuple[str, int, str]]:
    """Return the most common diagnoses: id, number of answers, and one answer's message."""
    seen: Counter[str] = Counter()
    example: dict[str, str] = {}
    for row in book.rows:
        for verdict in (row.result or {}).get("verdicts", []):
            if verdict["diagnosis"]:
                seen[verdict["diagnosis"]] += 1
                example.setdefault(verdict["diagnosis"], verdict["message"])
    return [(name, count, shortened(example[name], 400)) for name, count in seen.most_common(_MOST_COMMON)]


def _problems(book: Gradebook) -> list[tuple[str, str, str]]:
    return [
        (row.submission.student, shortened(row.submission.source, 300), shortened(row.problem or row.failed, 600))
        for row in book.rows
        if row.problem or row.failed
    ]


def _repairs(book: Gradebook) -> list[tuple[str, list[str]]]:
    return [
        (row.submission.student, [shortened(line, 300) for line in _few(row.result["repairs"])])
        for row in book.rows
        if row.result and row.result["repairs"]
    ]


def _few(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST_REPAIRS
    return [*lines[:_MOST_REPAIRS], f"and {more} more"] if more > 0 else lines


def _stages(book: Gradebook) -> list[tuple[str, float, float, float]]:
    """Return seconds per stage of grading: its name, median, longest, and sum over all submissions."""
    stages: dict[str, list[float]] = {}
    for row in book.rows:
        if row.result and not row.resumed:
            for stage, seconds in row.result["seconds"].items():
                stages.setdefault(stage, []).append(seconds)
    return [(stage, median(times), max(times), sum(times)) for stage, times in stages.items()]
