"""nbval's collectors, adapted to the course's notebooks in three points.

Stored outputs are text only, so other formats of an output are not compared. Cells are named by their ids. An exercise
is rebuilt from its solution before it runs, so that the result does not depend on outputs that the learner stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import NoSuchKernel
from nbval.kernel import NbvalKernelspecManager
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError, find_comment_markers, find_metadata_tags

from .. import manifest
from ..checks import Outcome, Verdict
from ..errors import CourseError, NotebookError
from ..nb import files
from ..nb.cells import Notebook, is_graded
from ..nb.transplant import transplant

NOTES = pytest.StashKey[list[str]]()
"""The changes made by rebuilding learners' notebooks, one line each, for pytest's summary."""

RICH = ("text/html", "text/markdown", "text/latex", "image/svg+xml", "application/json", "application/javascript")
"""The formats that `tidy` drops from an output that has text; nbval itself ignores PNG and JPEG."""

NBVAL_TIMEOUT = 2000
"""Seconds that nbval gives a cell by default: half an hour, too long for a learner's endless loop."""
CELL_TIMEOUT = 60
"""Seconds that a cell of the course gets instead; --nbval-cell-timeout overrides it."""


def collector_class(path: Path) -> type[IPyNbFile]:
    """Return the collector for a notebook in one of the course's three folders."""
    if path.parent.name != "exercises":
        return CourseFile
    try:
        stems = [lesson.stem for lesson in manifest.load(path.parent.parent).exercises]
    except CourseError:
        return ExerciseFile  # its collection reports the fault of the manifest
    return ExerciseFile if path.stem in stems else IPyNbFile


class CourseFile(IPyNbFile):
    """A lesson or a solution: validated as it is stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skip_compare = (*self.skip_compare, *RICH)

    skip_compare: tuple[str, ...]
    untouched: frozenset[str] = frozenset()
    """The ids of tasks whose answer cell still holds its stub."""

    def collect(self) -> Iterator[IPyNbCell]:
        """Yield an item per code cell, named by its id. Raises CollectError for a notebook that cannot be run."""
        try:
            self.nb = nbformat.from_dict(self.notebook())
            self._check_kernel()
        except CourseError as error:
            raise self.CollectError(str(error)) from None
        code = [cell for cell in self.nb.cells if cell.cell_type == "code"]
        for number, cell in enumerate(code):
            options = defaultdict(bool, find_metadata_tags(cell.metadata))
            options.update(find_comment_markers(cell.source))
            options.setdefault("check", self.compare_outputs)
            yield CourseCell.from_parent(self, name=cell.id, cell_num=number, cell=cell, options=options)

    def notebook(self) -> Notebook:
        """Return the notebook that is run. Raises CourseError."""
        return files.read(self.path)

    def _check_kernel(self) -> None:
        """Raise NotebookError where the kernel is not installed: nbval would say so once per cell, with a traceback."""
        option = self.config.option
        if option.nbval_current_env:
            return
        spec = self.nb.metadata.get("kernelspec", {})
        name = option.nbval_kernel_name or spec.get("name", "python")
        try:
            NbvalKernelspecManager().get_kernel_spec(name)
        except NoSuchKernel:
            source = "--nbval-kernel-name" if option.nbval_kernel_name else str(self.path)
            raise NotebookError(
                f"{source} asks for the kernel {name!r}, which is not installed; "
                "`jupyter kernelspec list` shows those that are, and --nbval-current-env takes this environment's"
            ) from None


class ExerciseFile(CourseFile):
    """An exercise: the learner's answers in the notebook rebuilt from the solution."""

    def notebook(self) -> Notebook:
        """Return the canonical notebook with the learner's answers in it. Raises CourseError."""
        course = manifest.load(self.path.parent.parent)
        lesson = course.lesson(self.path.stem)
        solution = files.read(course.solution_path(lesson))
        rebuilt, report = transplant(solution, files.read(self.path, strict=False), self.path.name)
        self.config.stash.setdefault(NOTES, []).extend(f"{self.path.name}: {line}" for line in report.lines)
        self.untouched = frozenset(task.id for task in lesson.tasks if task.answer_cell in report.untouched)
        return rebuilt


class CourseCell(IPyNbCell):
    """A code cell that is named by its id."""

    def setup(self) -> None:
        """Expect this cell to pass after a timeout of an earlier one too.

        nbval marks every later cell as expected to fail: then a wrong answer after an endless loop would not fail.
        """
        self.parent.timed_out = False

    def runtest(self) -> None:
        """Run the cell as nbval does, within the course's time limit."""
        with bounded(self.config.option):
            super().runtest()

    def compare_outputs(self, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        """Compare outputs as nbval does; of a check cell only the verdict: printing in an answer is no mistake."""
        if is_graded(self.cell):
            test, ref = _without_streams(test), _without_streams(ref)
        return bool(super().compare_outputs(test, ref, skip_compare))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
        """Return a check's verdict as the reason of its failure, and nbval's own text for other cells."""
        if is_graded(self.cell) and isinstance(excinfo.value, NbCellError) and self._verdict():
            return f"{self.name}: {self._verdict()}"
        return str(super().repr_failure(excinfo)).replace(f"Cell {self.cell_num}:", f"Cell {self.name}:", 1)

    def _verdict(self) -> str:
        """Return the verdict that the check printed, or an empty text where the cell raised or timed out before."""
        task_id = ".".join(self.name.removesuffix("-check").rsplit("-", 1))
        if task_id in self.parent.untouched:
            return Verdict(task_id, Outcome.NOT_ATTEMPTED).headline
        outputs = [output for output in self.test_outputs or [] if output.output_type != "stream"]
        if any(output.output_type == "error" for output in outputs):
            return ""
        return "\n".join(output.data.get("text/plain", "") for output in outputs)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Return file, line and name for pytest's reports."""
        return self.path, 0, self.name


@contextmanager
def bounded(option: Any) -> Iterator[None]:
    """Limit cells to `CELL_TIMEOUT` seconds while the context lasts, unless the command line sets a limit."""
    given = option.nbval_cell_timeout
    option.nbval_cell_timeout = CELL_TIMEOUT if given == NBVAL_TIMEOUT else given
    try:
        yield
    finally:
        option.nbval_cell_timeout = given


def _without_streams(outputs: Any) -> list[Any]:
    return [output for output in outputs if output.output_type != "stream"]
