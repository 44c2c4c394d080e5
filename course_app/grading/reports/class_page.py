"""report.html: the class on one page that needs nothing but itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from urllib.parse import quote

from ...checks.verdict import Outcome, with_code
from ...manifest import Task
from ..batch import Gradebook, Row
from .markup import document, table, text, unsandboxed

_BINS = 10
_MOST_COMMON = 12
_SORT = """
for (const table of document.querySelectorAll("table[id]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => head.firstElementChild.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const number = head.classList.contains("n");
    const key = row => row.cells[place].textContent;
    const rows = [...table.tBodies[0].rows].sort((a, b) => number
      ? parseFloat(key(a) || "-1") - parseFloat(key(b) || "-1") : key(a).localeCompare(key(b)));
    table.tBodies[0].append(...(down ? rows.reverse() : rows));
  }));
}
"""


def write(book: Gradebook, path: Path, pages: dict[str, str]) -> None:
    """Write the report; `pages` are the students' feedback files."""
    path.write_text(render(book, pages), encoding="utf-8")


def render(book: Gradebook, pages: dict[str, str]) -> str:
    """Return the report's markup."""
    parts = [
        f"<h1>{text(book.course.title)}</h1>",
        f"<p>{_summary(book)}</p>",
        unsandboxed(book.unsandboxed),
        "<h2>Points</h2>",
        distribution([book.total(student) for student in book.students], book.most),
        "<h2>Students</h2>",
        _students(book, pages),
        "<h2>Tasks</h2>",
        _tasks(book),
        *_section("Most common diagnoses", _diagnoses(book)),
        *_section("What could not be graded", _problems(book)),
        *_section("What was repaired", _repairs(book)),
        "<h2>Time</h2>",
        _timing(book),
    ]
    return document(f"{book.course.title}: grades", "\n".join(parts), _SORT)


def _summary(book: Gradebook) -> str:
    students = book.students
    totals = [book.total(student) for student in students]
    kept = "in a sandbox" if not book.unsandboxed else "without a sandbox"
    due = f" Due {book.due:%Y-%m-%d %H:%M}." if book.due else ""
    return (
        f"{len(students)} students, {len(book.rows)} submissions, graded {kept} on {book.began:%Y-%m-%d %H:%M} "
        f"in {book.seconds:.1f} s.{due} Median {median(totals):g} of {book.most} points."
    )


def distribution(totals: list[int], most: int) -> str:
    """Return a histogram of totals as SVG, with a text alternative."""
    width, height, base = 640, 180, 150
    counts = Counter(min(_BINS - 1, total * _BINS // most) if most else 0 for total in totals)
    top = max(counts.values(), default=1)
    step = width // _BINS
    bars = []
    for place in range(_BINS):
        count = counts[place]
        tall = round(count / top * 120)
        low, high = _edges(place, most)
        bars.append(
            f'<rect x="{place * step + 4}" y="{base - tall}" width="{step - 8}" height="{tall}" fill="#3b6ea5"/>'
            f'<text x="{place * step + step / 2}" y="{base - tall - 5}" text-anchor="middle">{count or ""}</text>'
            f'<text x="{place * step + step / 2}" y="{base + 18}" text-anchor="middle">{_span(low, high)}</text>'
        )
    said = "; ".join(f"{_span(*_edges(place, most))} points: {counts[place]}" for place in range(_BINS))
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{text(said)}">'
        f"<title>Students by points</title>{''.join(bars)}"
        f'<line x1="0" y1="{base}" x2="{width}" y2="{base}" stroke="currentColor"/></svg>'
    )


def _edges(place: int, most: int) -> tuple[int, int]:
    """The whole points that fall into a bin, first and last."""
    first = -(-place * most // _BINS)
    last = most if place == _BINS - 1 else -(-(place + 1) * most // _BINS) - 1
    return first, last


def _span(low: int, high: int) -> str:
    return "" if high < low else str(low) if low == high else f"{low}–{high}"


def _students(book: Gradebook, pages: dict[str, str]) -> str:
    head = [("Student", False), *((task.id, False) for task in book.tasks), ("Total", True), ("Notes", False)]
    rows = []
    for student, submissions in book.students.items():
        link = f'<a href="feedback/{quote(pages[student])}">{text(student)}</a>'
        cells = [_cell(submissions, task) for task in book.tasks]
        rows.append([link, *cells, str(book.total(student)), _notes(submissions)])
    return table(head, rows, "students")


def _cell(rows: list[Row], task: Task) -> str:
    for row in rows:
        outcome = row.outcome(task)
        if outcome:
            return f'<span class="{outcome}" title="{outcome.replace("_", " ")}">{Outcome(outcome).mark}</span>'
    return ""


def _notes(rows: list[Row]) -> str:
    notes = []
    for row in rows:
        notes += [text(row.problem, 300)] if row.problem else []
        notes += [f"the grader failed: {text(row.failed, 300)}"] if row.failed else []
        notes += ["late"] if row.submission.late else []
        notes += [f"{len(row.submission.superseded)} other file(s) not counted"] if row.submission.superseded else []
        notes += ["taken over"] if row.resumed else []
        result = row.result or {}
        notes += [f"stopped at {text(result['stopped'], 300)}"] if result.get("stopped") else []
        notes += [f"{len(result['repairs'])} repair(s)"] if result.get("repairs") else []
    return "; ".join(notes)


def _tasks(book: Gradebook) -> str:
    head = [("Task", False), ("Title", False), ("Points", True)]
    head += [(outcome.value.replace("_", " "), True) for outcome in Outcome]
    head += [("Success", True)]
    rows = []
    for task in book.tasks:
        counts = Counter(row.outcome(task) for row in book.rows)
        of = len(book.students)
        share = f"{100 * counts[Outcome.PASSED] / of:.0f} %" if of else ""
        title = f"{text(task.title)}{' (stretch)' if task.stretch else ''}"
        rows.append([task.id, title, str(task.points), *(str(counts[one]) for one in Outcome), share])
    return table(head, rows, "tasks")


def _diagnoses(book: Gradebook) -> str:
    seen: Counter[str] = Counter()
    example: dict[str, str] = {}
    for verdict in _verdicts(book):
        if verdict["diagnosis"]:
            seen[verdict["diagnosis"]] += 1
            example.setdefault(verdict["diagnosis"], verdict["message"])
    rows = [
        [text(name), str(count), with_code(text(example[name], 400))] for name, count in seen.most_common(_MOST_COMMON)
    ]
    return table([("Diagnosis", False), ("Times", True), ("For example", False)], rows) if rows else ""


def _verdicts(book: Gradebook) -> Iterable[dict[str, str]]:
    for row in book.rows:
        yield from (row.result or {}).get("verdicts", [])


def _problems(book: Gradebook) -> str:
    rows = [
        [text(row.submission.student), text(row.submission.source, 300), text(row.problem or row.failed, 600)]
        for row in book.rows
        if row.problem or row.failed
    ]
    return table([("Student", False), ("File", False), ("Why", False)], rows) if rows else ""


def _repairs(book: Gradebook) -> str:
    rows = [
        [text(row.submission.student), "<br>".join(text(line, 300) for line in _few(row.result["repairs"]))]
        for row in book.rows
        if row.result and row.result["repairs"]
    ]
    return table([("Student", False), ("What", False)], rows) if rows else ""


def _few(lines: list[str], most: int = 8) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"and {len(lines) - most} more"]


def _timing(book: Gradebook) -> str:
    stages: dict[str, list[float]] = {}
    for row in book.rows:
        if row.result and not row.resumed:
            for stage, seconds in row.result["seconds"].items():
                stages.setdefault(stage, []).append(seconds)
    rows = [
        [text(stage), f"{median(times):.3f}", f"{max(times):.3f}", f"{sum(times):.1f}"]
        for stage, times in stages.items()
    ]
    return table([("Stage", False), ("Median, s", True), ("Longest, s", True), ("In all, s", True)], rows)


def _section(title: str, body: str) -> list[str]:
    return [f"<h2>{title}</h2>", body] if body else []
