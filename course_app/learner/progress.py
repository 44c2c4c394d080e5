"""A learner's progress, derived from the notebooks and from a small file of past outcomes."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import NotebookError
from ..manifest import Course, Lesson, Task
from ..nb.cells import Cell, Notebook, cell_id
from ..nb.derive import stub_source
from ..nb.files import read
from ..storage import STATE_FOLDER, write_atomically

FILE = STATE_FOLDER / "state.json"
PASSED, ATTEMPTED, FRESH = "passed", "attempted", "fresh"


@dataclass
class Progress:
    """The contents of the state file.

    `tasks` holds, by task id: the last `outcome`, the fingerprint of the `source` that got it, the number of `hints`
    that were shown, and whether the answer was `asked` for. Deleting the file loses no work.
    """

    path: Path
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path) -> Progress:
        """Read the state file in the course's folder; a missing or broken one is an empty one."""
        path = root / FILE
        try:
            tasks = json.loads(path.read_text(encoding="utf-8"))["tasks"]
        except (OSError, ValueError, KeyError, TypeError):
            tasks = {}
        return cls(path, tasks if isinstance(tasks, dict) else {})

    def of(self, task_id: str) -> dict[str, Any]:
        """Return the values of a task, empty where there are none."""
        found = self.tasks.get(task_id)
        return found if isinstance(found, dict) else {}

    def remember(self, task_id: str, **values: Any) -> None:
        """Set values of a task and save the file. Where it cannot be written, nothing is raised."""
        self.tasks[task_id] = {**self.of(task_id), **values}
        text = json.dumps({"version": 1, "tasks": self.tasks}, indent=1, sort_keys=True)
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            write_atomically(self.path, text.encode("utf-8"))

    def forget(self, task_ids: list[str]) -> None:
        """Forget outcomes, as after a reset; how many hints were shown stays."""
        for task_id in task_ids:
            self.remember(task_id, outcome="", source="")


def normal(source: str) -> str:
    """Return a source without space at line ends and blank lines at both ends, for comparing."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def fingerprint(source: str) -> str:
    """Return a digest, 16 hexadecimal digits, of the normal form of a source."""
    return sha256(normal(source).encode()).hexdigest()[:16]


def answer_cells(nb: Notebook) -> dict[str, Cell]:
    """Return a notebook's cells by id."""
    return {cell_id(cell): cell for cell in nb["cells"]}


def solution_cell(course: Course, task: Task) -> Cell:
    """Return the authored answer cell of a task. Raises NotebookError where the solution notebook lacks it."""
    path = course.solution_path(course.lesson(task.slug))
    cell = answer_cells(read(path)).get(task.answer_cell)
    if cell is None:
        raise NotebookError(f"{path} has no cell {task.answer_cell}; restore it from git")
    return cell


def stub_of(course: Course, task: Task) -> str:
    """Return the stub that a task's cell starts with. Raises NotebookError, as `solution_cell` does."""
    return stub_source(solution_cell(course, task), task.id)


def standing(course: Course, lesson: Lesson, progress: Progress) -> dict[str, str]:
    """Return `passed`, `attempted` or `fresh` for each task of an exercise.

    A stored outcome counts only for the source that got it. Raises NotebookError where the exercise cannot be read.
    """
    path = course.exercise_path(lesson)
    cells = answer_cells(read(path, strict=False)) if path.is_file() else {}
    return {task.id: _standing(course, task, cells, progress) for task in lesson.tasks}


def _standing(course: Course, task: Task, cells: dict[str, Cell], progress: Progress) -> str:
    cell = cells.get(task.answer_cell)
    if cell is None or normal(cell["source"]) == normal(stub_of(course, task)):
        return FRESH
    remembered = progress.of(task.id)
    if remembered.get("source") == fingerprint(cell["source"]):
        return PASSED if remembered.get("outcome") == PASSED else ATTEMPTED
    return PASSED if f"✔ {task.id}" in _output_text(cells.get(f"{task.cell_prefix}-check")) else ATTEMPTED


def _output_text(cell: Cell | None) -> str:
    outputs = cell.get("outputs", []) if cell else []
    return "".join(str(output.get("text", "") or output.get("data", {}).get("text/plain", "")) for output in outputs)
