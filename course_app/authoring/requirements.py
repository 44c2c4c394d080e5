"""The requirements of each task, and whether each is tested: `tests/answers/<slug>/requirements.toml`.

    [[requirement]]
    task = 1
    id = "closes"
    ask = "After that your endpoint closes the connection and is done."
    broken_by = ["1__never-closes__waits_for_more.py"]

    [[background]]
    task = 1
    ask = "A connection that ends after one message is a waste of a handshake."

A requirement quotes the sentence of the task's *ask* that it tests, or a part of it.
`broken_by` names the answers that break this requirement and no other.
`background` holds sentences that no answer can break.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..manifest import Course, Lesson, Task
from ..nb.cells import Notebook, cell_id
from ..nb.files import read
from ..nb.lint import Finding, Result

FILE = "requirements.toml"
RULE = "requirement"
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_ANSWER = re.compile(r"\d+__[a-z0-9-]+__\w+\.(?:py|toml)")


@dataclass(frozen=True)
class Requirement:
    """One thing that a task asks for: `ask` quotes its sentence, `broken_by` are file names of answers."""

    task: int
    id: str
    ask: str
    broken_by: tuple[str, ...]


@dataclass(frozen=True)
class Requirements:
    """The requirements of one exercise, and the sentences that are none: `background` holds (task, quotation)."""

    requirements: tuple[Requirement, ...]
    background: tuple[tuple[int, str], ...]


def load_requirements(path: Path) -> Requirements:
    """Return what the file says. Raises ValueError with one line for a file that cannot be read."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = tables.keys() - {"requirement", "background"}
        if unknown:
            raise ValueError(f"unknown table {min(unknown)!r}; use [[requirement]] and [[background]]")
        return Requirements(
            tuple(_requirement(table) for table in tables.get("requirement", [])),
            tuple((int(table["task"]), str(table["ask"])) for table in tables.get("background", [])),
        )
    except KeyError as error:
        raise ValueError(f"an entry has no {error}; give it one") from error


def _requirement(table: dict[str, Any]) -> Requirement:
    return Requirement(int(table["task"]), str(table["id"]), str(table["ask"]), tuple(table.get("broken_by", ())))


def lint_requirements(course: Course) -> list[Result]:
    """Return a result for each exercise: its untested sentences, and answers that belong to no requirement.

    A course without `tests/answers`, such as a learner's desk, has no findings.
    """
    answers = course.root / "tests" / "answers"
    if not answers.is_dir():
        return []
    return [
        Result(f"tests/answers/{lesson.slug}/{FILE}", None, tuple(_findings(course, lesson, answers / lesson.slug)))
        for lesson in course.exercises
    ]


def _findings(course: Course, lesson: Lesson, folder: Path) -> Iterator[Finding]:
    name = f"tests/answers/{lesson.slug}/{FILE}"
    try:
        known = load_requirements(folder / FILE)
    except FileNotFoundError:
        yield Finding(name, "", "error", RULE, "the file is missing: write the requirements of each task into it")
        return
    except ValueError as error:
        yield Finding(name, "", "error", RULE, f"the file cannot be read: {error}")
        return
    files = {path.name for path in folder.iterdir() if _ANSWER.fullmatch(path.name)}
    solution = read(course.solution_path(lesson))
    for cell, message in [
        *_entries(known, files),
        *_answers(known, files),
        *(found for task in lesson.tasks for found in _sentences(known, task, solution)),
    ]:
        yield Finding(name, cell, "error", RULE, message)


def _entries(known: Requirements, files: set[str]) -> Iterator[tuple[str, str]]:
    seen: set[tuple[int, str]] = set()
    for requirement in known.requirements:
        where = f"{requirement.task}.{requirement.id}"
        if (requirement.task, requirement.id) in seen:
            yield where, "two requirements of the task have this id; rename one"
        seen.add((requirement.task, requirement.id))
        if not requirement.broken_by:
            yield where, "no answer breaks this requirement alone; write one and name it in `broken_by`"
        for answer in requirement.broken_by:
            if answer not in files:
                yield where, f"there is no answer {answer!r}; write it or take its name out"
            elif answer.partition("__")[0] != str(requirement.task) or answer.split("__")[1] == "right":
                yield where, f"{answer!r} is no wrong answer of task {requirement.task}; take its name out"


def _answers(known: Requirements, files: set[str]) -> Iterator[tuple[str, str]]:
    named = {answer for requirement in known.requirements for answer in requirement.broken_by}
    for answer in sorted(files - named):
        if answer.split("__")[1] != "right":
            yield answer, "this wrong answer breaks no requirement; name it in the `broken_by` of one"


def _sentences(known: Requirements, task: Task, solution: Notebook) -> Iterator[tuple[str, str]]:
    """Yield each sentence of the task's ask that no entry quotes, and each quotation that the ask does not hold."""
    number = int(task.id.rpartition(".")[2])
    quotations = [requirement.ask for requirement in known.requirements if requirement.task == number]
    quotations += [ask for background, ask in known.background if background == number]
    ask = ask_of(task, solution)
    whole = _source_of(task, solution)
    for quotation in quotations:
        if quotation not in whole:
            yield task.id, f"the ask does not say {quotation!r}; quote one of its sentences"
    for line in ask:
        if not any(quotation in line for quotation in quotations):
            yield task.id, f"no requirement tests {line!r}; add one, or name the sentence as [[background]]"


def ask_of(task: Task, solution: Notebook) -> list[str]:
    """Return the sentences of a task's ask, one per line of its cell; headings and code are left out."""
    lines = [line.strip() for line in _FENCE.sub("", _source_of(task, solution)).splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "|", "<"))]


def _source_of(task: Task, solution: Notebook) -> str:
    cells = solution["cells"]
    return next((str(cell["source"]) for cell in cells if cell_id(cell) == f"{task.cell_prefix}-ask"), "")
