"""The canonical notebook rebuilt with a learner's answers in it: nothing else of a submission is trusted.

Of a submission only the source text of the answer cells (and of code cells that the learner added) is taken.
Outputs, tags, metadata and changed checks, each of which can make nbval pass a wrong answer, stay behind.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import NotebookError
from .bindings import bound_names
from .cells import Cell, Notebook, add_tags, cell_id, grade_id, is_code, is_graded, is_solution
from .derive import derive
from .tidy import tidy

_OWN_ID = re.compile(r"([a-z][a-z0-9_]*)-\d+-(?:ask|stub|try|check)\Z")
UNGRADED = ("nbval-ignore-output", "raises-exception")
"""nbval tags of a cell that decides nothing: no output is compared, and an exception is allowed, but not asked for."""

_ORDERS = ("NBVAL_", "PYTEST_VALIDATE")


@dataclass(frozen=True)
class Report:
    """The changes to a submission that rebuilding made. Every field but `lines` holds cell ids.

    `restored`: changed cells whose original ran; `missing`: cells that were put back, answers as stubs;
    `duplicated`: answers given more than once; `retyped`: answers in a cell that was not a code cell;
    `neutralised`: cells with comments that nbval would obey; `added`: the learner's own code cells,
    under their new ids; `untouched`: answers that still are the stub; `elsewhere`: answers that stand in a cell of the
    learner's own, because it defines what the task asks for and the task's cell does not.
    `lines` holds the same as text for the learner.
    """

    restored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    duplicated: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    neutralised: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """One sentence for the learner per change; untouched answers are none."""
        sentences = {
            "restored": "cell {} was changed; the original ran in its place",
            "missing": "cell {} was missing; it was put back as it is in a fresh notebook",
            "duplicated": "cell {} is there more than once; the last that holds an answer counts, as in the notebook",
            "retyped": "cell {} was not a code cell any more; its text ran as code",
            "neutralised": "cell {} gives orders to nbval in a comment; they have no effect",
            "elsewhere": "the answer to cell {} stands in a cell of your own, which counts",
            "added": "cell {} is your own; it ran where it stands",
        }
        return tuple(text.format(own) for field, text in sentences.items() for own in getattr(self, field))


def transplant(solution: Notebook, submission: Notebook, name: str = "the notebook") -> tuple[Notebook, Report]:
    """Return the canonical notebook with the submission's answers in it, and what was done.

    `solution` is the canonical solution notebook, `submission` what the learner handed in (read with `strict=False`).
    Answers are found by cell id, or by nbgrader's grade_id where an editor has changed the ids. Where both are gone, by
    the cells that are as the canonical notebook has them. Of several cells of one id the last that holds an answer
    counts, as it does when the notebook runs from top to bottom. Where no cell of a task holds an answer, an added cell
    that binds the task's name is the answer.
    In answer cells no output is compared: a print left in one is no mistake. In added cells and those to try an answer
    with an exception stops nothing either: right answers differ, and the checks alone judge them.
    Raises NotebookError, with `name`, for a notebook of another exercise.
    """
    rebuilt = tidy(solution)
    stubs = {cell_id(cell): cell["source"] for cell in derive(solution)["cells"]}
    canonical = {cell_id(cell): cell for cell in rebuilt["cells"]}
    submission = _with_ids(submission, canonical)
    found, added = _sort_out(submission, canonical)
    _refuse_foreign(submission, canonical, found, name)
    noted: dict[str, list[str]] = defaultdict(list)
    for own, cell in canonical.items():
        if is_solution(cell):
            _fill_in(cell, found[own], stubs[own], noted)
            _look_elsewhere(cell, stubs, added, list(canonical), noted)
            add_tags(cell, "nbval-ignore-output")
        elif is_code(cell):
            _compare(cell, found[own], noted)
            if own.endswith("-try"):
                add_tags(cell, *UNGRADED)
    rebuilt["cells"] = list(_with_added(rebuilt["cells"], added, set(canonical), noted))
    return rebuilt, Report(**{field: tuple(ids) for field, ids in noted.items()})


def _sort_out(submission: Notebook, canonical: dict[str, Cell]) -> tuple[dict[str, list[Cell]], dict[str, list[Cell]]]:
    """Return the cells by canonical id, in the order in which they stand, and added code by the id that it follows."""
    found: dict[str, list[Cell]] = defaultdict(list)
    added: dict[str, list[Cell]] = defaultdict(list)
    here = ""
    for cell in submission["cells"]:
        own = cell_id(cell) if cell_id(cell) in canonical else grade_id(cell)
        if own in canonical:
            here = own
            found[own].append(cell)
        elif is_code(cell) and cell["source"].strip():
            added[here].append(cell)
    return found, added


def _with_ids(submission: Notebook, canonical: dict[str, Cell]) -> Notebook:
    """Return the submission; where all ids are gone, a cell gets that of the canonical cell like it."""
    if any(cell_id(cell) in canonical or grade_id(cell) in canonical for cell in submission["cells"]):
        return submission
    same = {
        (cell["cell_type"], cell["source"].strip()): own for own, cell in canonical.items() if not is_solution(cell)
    }
    kinds = [(cell["cell_type"], _text(cell).strip()) for cell in submission["cells"]]
    cells = [
        {**cell, "id": same[kind]} if kind in same else cell
        for cell, kind in zip(submission["cells"], kinds, strict=True)
    ]
    return {**submission, "cells": cells}


def _look_elsewhere(
    cell: Cell, stubs: dict[str, str], added: dict[str, list[Cell]], order: list[str], noted: dict[str, list[str]]
) -> None:
    """Find the answer in an added cell where the task's own cell holds none.

    The stub is left out where the added cell runs before it: it would take the answer's name away again.
    """
    own = cell_id(cell)
    if own not in noted["untouched"]:
        return
    others = {name for other, stub in stubs.items() if other != own for name in bound_names(stub)}
    names = bound_names(stubs[own]) - others
    answers = {
        place: [_text(one) for one in cells if _text(one).strip() != stubs[own].strip()]
        for place, cells in added.items()
    }
    places = [place for place, texts in answers.items() if any(names & bound_names(text) for text in texts)]
    if not places:
        return
    noted["untouched"].remove(own)
    noted["elsewhere"].append(own)
    position = order.index(own)
    if all(place == "" or order.index(place) < position for place in places):
        cell["source"] = ""


def _fill_in(cell: Cell, given: list[Cell], stub: str, noted: dict[str, list[str]]) -> None:
    own = cell_id(cell)
    if not given:
        noted["missing"].append(own)
    if len(given) > 1:
        noted["duplicated"].append(own)
    answers = [cell for cell in given if _text(cell).strip() != stub.strip()]
    if not answers:
        cell["source"] = stub
        noted["untouched"].append(own)
        return
    if not is_code(answers[-1]):
        noted["retyped"].append(own)
    cell["source"] = _neutralised(answers[-1], own, noted)


def _compare(cell: Cell, given: list[Cell], noted: dict[str, list[str]]) -> None:
    own = cell_id(cell)
    if not given:
        noted["missing"].append(own)
    elif any(not is_code(copy) or _text(copy).strip() != cell["source"].strip() for copy in given):
        noted["restored"].append(own)


def _with_added(
    cells: list[Cell], added: dict[str, list[Cell]], taken: set[str], noted: dict[str, list[str]]
) -> Iterable[Cell]:
    names = (f"added-{number}" for number in range(1, 10**6))
    free = (name for name in names if name not in taken)
    yield from _own_cells(added.get("", []), free, noted)
    for cell in cells:
        yield cell
        yield from _own_cells(added.get(cell_id(cell), []), free, noted)


def _own_cells(cells: list[Cell], free: Iterable[str], noted: dict[str, list[str]]) -> Iterable[Cell]:
    for cell, own in zip(cells, free, strict=False):
        noted["added"].append(own)
        yield {
            "cell_type": "code",
            "execution_count": 1,
            "id": own,
            "metadata": {"tags": list(UNGRADED)},
            "outputs": [],
            "source": _neutralised(cell, own, noted),
        }


def _text(cell: Cell) -> str:
    """Return the cell's source; half a character (a lone surrogate) cannot be sent to a kernel and becomes '?'."""
    return str(cell["source"]).encode("utf-8", "replace").decode("utf-8")


def _neutralised(cell: Cell, own: str, noted: dict[str, list[str]]) -> str:
    """Return the source with every comment that nbval would obey made one that it does not know.

    Lines are split as nbval splits them, at every line boundary that Unicode knows.
    """
    lines = _text(cell).splitlines(keepends=True)
    for number, line in enumerate(lines):
        comment = line.strip()
        if comment.startswith("#") and comment.lstrip("#").strip().startswith(_ORDERS):
            body = line.rstrip()
            lines[number] = f"{body} (has no effect here){line[len(body) :]}"
            if own not in noted["neutralised"]:
                noted["neutralised"].append(own)
    return "".join(lines)


def _refuse_foreign(submission: Notebook, canonical: dict[str, Cell], found: dict[str, list[Cell]], name: str) -> None:
    ours = {_slug(own) for own, cell in canonical.items() if is_solution(cell) or is_graded(cell)} - {""}
    title = " or ".join(sorted(ours)) or "this exercise"
    seen = Counter(_slug(cell_id(cell)) or _slug(grade_id(cell)) for cell in submission["cells"])
    seen.pop("", None)
    if seen and not ours & set(seen):
        other = seen.most_common(1)[0][0]
        raise NotebookError(f"{name} seems to be the exercise {other!r}, not {title!r}; hand it in under its own name")
    if not any(found.values()):
        raise NotebookError(
            f"{name} holds no cell of the exercise {title!r}; start from a fresh one with `course reset`"
        )


def _slug(own: str) -> str:
    match = _OWN_ID.match(own)
    return match[1] if match else ""
