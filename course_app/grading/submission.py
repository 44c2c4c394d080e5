"""Learners' files: reading them, and remembering how their answers fared."""

from __future__ import annotations

from pathlib import Path

from ..errors import NotebookError
from ..journal import Progress, answer_cells, fingerprint
from ..manifest import Course
from ..nb.cells import Notebook
from ..nb.files import read
from .result import Result


def read_submission(path: Path) -> Notebook:
    """Return the notebook in a learner's file. Raises NotebookError, which names the file and the way out."""
    if path.is_dir():
        raise NotebookError(f"{path} is a folder; name a notebook in it")
    if not path.exists():
        raise NotebookError(f"{path} does not exist; `course list` shows the exercises, `course reset` brings one back")
    return read(path, strict=False)


def remember(course: Course, notebook: Notebook, result: Result) -> None:
    """Keep the outcomes of the course's own exercise, for `course list`."""
    state, cells = Progress.load(course.root), answer_cells(notebook)
    for verdict in result.verdicts:
        cell = cells.get(f"{verdict.task.replace('.', '-')}-stub")
        if cell is not None:
            state.remember(verdict.task, outcome=verdict.outcome.value, source=fingerprint(cell["source"]))
