"""feedback/<student>.html: what one student gets back, with expected and received transcripts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from ...checks.verdict import Outcome, with_code
from ..batch import Gradebook, Row
from .markup import document, text, unsandboxed


def write(book: Gradebook, folder: Path) -> dict[str, str]:
    """Write one page per student and return their file names by student. Pages of an earlier run go."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for student, rows in book.students.items():
        names[student] = _file_name(student, taken)
        (folder / names[student]).write_text(_page(book, student, rows), encoding="utf-8")
    return names


def _file_name(student: str, taken: set[str]) -> str:
    """Return a name that every file system takes and that no other student has, whatever the case of letters."""
    base = re.sub(r"[^\w.-]+", "_", student).strip("._") or "student"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name.casefold())
    return f"{name}.html"


def _page(book: Gradebook, student: str, rows: list[Row]) -> str:
    parts = [
        f"<h1>{text(student)}</h1>",
        f"<p>{book.total(student)} of {book.most} points · {text(book.course.title)}</p>",
        unsandboxed(book.unsandboxed),
        *(_submission(book, row) for row in rows),
    ]
    return document(f"{student}: {book.course.title}", "\n".join(parts))


def _submission(book: Gradebook, row: Row) -> str:
    one = row.submission
    late = " · late" if one.late else ""
    parts = [
        f"<h2>{text(one.lesson or 'unknown exercise')}</h2>",
        f'<p class="dim">{text(one.source)}, received {one.received:%Y-%m-%d %H:%M}{late}</p>',
    ]
    if one.superseded:
        parts.append(f'<p class="dim">Not counted: {text(", ".join(one.superseded))}</p>')
    if row.problem:
        parts.append(f'<p class="warn">{text(row.problem)}</p>')
    if row.failed:
        parts.append('<p class="warn">The grader itself failed on this submission. Ask your instructor.</p>')
    if row.result is not None:
        parts += [_verdict(book, verdict) for verdict in row.result["verdicts"]]
        parts += [f"<p>Stopped at {text(row.result['stopped'])}</p>"] if row.result["stopped"] else []
        if row.result["repairs"]:
            notes = "".join(f"<li>{text(line)}</li>" for line in row.result["repairs"])
            parts.append(f"<p>When your notebook was rebuilt:</p><ul>{notes}</ul>")
    return "\n".join(parts)


def _verdict(book: Gradebook, verdict: dict[str, Any]) -> str:
    task = book.course.task(verdict["task"])
    outcome = Outcome(verdict["outcome"])
    points = task.points if outcome is Outcome.PASSED else 0
    head = (
        f'<h3 class="{outcome.value}">{outcome.mark} {text(task.id)} {text(task.title)}'
        f" · {points} of {task.points}</h3>"
    )
    said = f"<p>{with_code(text(verdict['message']))}</p>" if verdict["message"] else ""
    if not said and outcome is not Outcome.PASSED:
        said = f"<p>{text(outcome.value.replace('_', ' ').capitalize())}.</p>"
    figures = "".join(
        f"<figure><figcaption>{caption}</figcaption><pre>{text(verdict[key])}</pre></figure>"
        for caption, key in (("Expected", "expected"), ("Received", "received"))
        if verdict[key]
    )
    return head + said + (f'<div class="pair">{figures}</div>' if figures else "")
