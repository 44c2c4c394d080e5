"""The exercise notebook that learners get, derived from a solution notebook.

nbgrader's markers are used as they are (nbgrader documentation, "Autograded answer cells"), but strictly:
what nbgrader would accept, such as a stray end marker, is an error here.
"""

from __future__ import annotations

import copy
import re

from ..errors import NotebookError
from .cells import BEGIN, END, STUB, Cell, Notebook, cell_id, clear, is_code, is_solution
from .tidy import tidy

_ALMOST = re.compile(r"\b(BEGIN|END)\s+SOLUTION\b", re.IGNORECASE)


def derive(solution: Notebook, name: str = "the solution notebook") -> Notebook:
    """Return the exercise notebook: every answer replaced by a stub, and every code cell as if never run.

    The execution counts are null, so that JupyterLab shows a fresh notebook as not run. nbval would check nothing
    in such a cell, but what it gets is the notebook that `transplant` rebuilds from the solution.
    Raises NotebookError, with `name` and the cell's id, where the markers do not make exactly one region per answer.
    """
    exercise = tidy(solution)
    for cell in exercise["cells"]:
        where = f"{name}: cell {cell_id(cell)}"
        if is_solution(cell):
            cell["source"] = stub_source(cell, where)
        elif line := _first_marker(cell["source"]):
            raise NotebookError(f"{where}: {line!r} in a cell that is not marked as a solution; mark it or move it")
        if is_code(cell):
            clear(cell)
    return exercise


def stub_source(cell: Cell, where: str) -> str:
    """Return the source of a solution cell with its one region replaced by the stub, at the region's indentation.

    Raises NotebookError, which begins with `where`, for a cell without exactly one well-formed region.
    """
    if not is_code(cell):
        raise NotebookError(f"{where} is marked as a solution, but is no code cell; make it one or drop the mark")
    before, inside, after = _split(cell["source"].split("\n"), where)
    if not any(line.strip() for line in inside[1:]):
        raise NotebookError(f"{where}: nothing stands between {BEGIN} and {END}; write the answer there")
    indent = inside[0][: len(inside[0]) - len(inside[0].lstrip())]
    return "\n".join([*before, indent + STUB, *after])


def answer_only(solution: Notebook) -> Notebook:
    """Return a copy in which answers stand without their marker lines, as a learner would have written them."""
    plain = copy.deepcopy(solution)
    for cell in plain["cells"]:
        if is_solution(cell):
            lines = cell["source"].split("\n")
            cell["source"] = "\n".join(line for line in lines if line.strip() not in (BEGIN, END))
    return plain


def _split(lines: list[str], where: str) -> tuple[list[str], list[str], list[str]]:
    """Return the lines before the region, the region with its first marker, and the lines after it."""
    start = end = None
    for number, line in enumerate(lines):
        mark = line.strip()
        if mark == BEGIN:
            if start is not None and end is None:
                raise NotebookError(f"{where}: {BEGIN} inside a region (line {number + 1}); close the first one before")
            if start is not None:
                raise NotebookError(f"{where} has more than one region (line {number + 1}); split it into two cells")
            start = number
        elif mark == END:
            if start is None or end is not None:
                raise NotebookError(f"{where}: {END} without {BEGIN} (line {number + 1}); remove it")
            end = number
        elif _ALMOST.search(line):
            raise NotebookError(
                f"{where}: {mark!r} is no marker (line {number + 1}); write {BEGIN} or {END}, alone on a line"
            )
    if start is None:
        raise NotebookError(
            f"{where} is marked as a solution but has no region; put the answer between {BEGIN} and {END}"
        )
    if end is None:
        raise NotebookError(f"{where}: {BEGIN} (line {start + 1}) is never closed; add {END}")
    return lines[:start], lines[start:end], lines[end + 1 :]


def _first_marker(source: str) -> str:
    return next((line.strip() for line in source.split("\n") if _ALMOST.search(line)), "")
