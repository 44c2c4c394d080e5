"""nbval's collectors, taught three things about the course's notebooks.

Stored outputs are text only, so what a kernel sends beside the text is not compared; cells go by their ids; and an
exercise is rebuilt from its solution before it runs, so that the result does not depend on what the learner stored.
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
"""What rebuilding did to learners' notebooks, one line each, for pytest's summary."""

RICH = ("text/html", "text/markdown", "text/latex", "image/svg+xml", "application/json", "application/javascript")
"""What `tidy` drops from an output that has text; nbval itself leaves PNG and JPEG alone."""

NBVAL_TIMEOUT = 2000
"""Seconds that nbval gives a cell when nobody says otherwise; half an hour is no answer to a learner's endless loop."""
CELL_TIMEOUT = 60
"""Seconds that a cell of the course gets in its place; --nbval-cell-timeout overrides it."""


def collector_class(path: Path) -> type[IPyNbFile]:
    """Return the collector for a notebook in one of the course's three folders."""
    if path.parent.name != "exercises":
        return CourseFile
    try:
        stems = [lesson.stem for lesson in manifest.load(path.parent.parent).exercises]
    except CourseError:
        return ExerciseFile  # which says what is wrong with the manifest when it is collected
    return ExerciseFile if path.stem in stems else IPyNbFile


class CourseFile(IPyNbFile):
    """A lesson or a solution: validated as it lies there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skip_compare = (*self.skip_compare, *RICH)

    skip_compare: tuple[str, ...]
    untouched: frozenset[str] = frozenset()
    """The ids of tasks whose answer cell still holds its stub."""

    def collect(self) -> Iterator[IPyNbCell]:
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
        course = manifest.load(self.path.parent.parent)
        lesson = course.lesson(self.path.stem)
        solution = files.read(course.solution_path(lesson))
        rebuilt, report = transplant(solution, files.read(self.path, strict=False), self.path.name)
        self.config.stash.setdefault(NOTES, []).extend(f"{self.path.name}: {line}" for line in report.lines)
        self.untouched = frozenset(task.id for task in lesson.tasks if task.answer_cell in report.untouched)
        return rebuilt


class CourseCell(IPyNbCell):
    """A code cell that goes by its id."""

    def setup(self) -> None:
        """Expect as much of this cell after a timeout as before it.

        nbval marks every later cell as expected to fail, which would turn an endless loop before a wrong answer green.
        """
        self.parent.timed_out = False

    def runtest(self) -> None:
        with bounded(self.config.option):
            super().runtest()

    def compare_outputs(self, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        """Compare as nbval does; of a check, only its verdict: what an answer prints meanwhile is no mistake."""
        if is_graded(self.cell):
            test, ref = _without_streams(test), _without_streams(ref)
        return bool(super().compare_outputs(test, ref, skip_compare))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
        if is_graded(self.cell) and isinstance(excinfo.value, NbCellError) and self._verdict():
            return f"{self.name}: {self._verdict()}"
        return str(super().repr_failure(excinfo)).replace(f"Cell {self.cell_num}:", f"Cell {self.name}:", 1)

    def _verdict(self) -> str:
        """Return what the check said, or an empty text where the cell raised or timed out before it said anything."""
        task_id = ".".join(self.name.removesuffix("-check").rsplit("-", 1))
        if task_id in self.parent.untouched:
            return Verdict(task_id, Outcome.NOT_ATTEMPTED).headline
        outputs = [one for one in self.test_outputs or [] if one.output_type != "stream"]
        if any(one.output_type == "error" for one in outputs):
            return ""
        return "\n".join(one.data.get("text/plain", "") for one in outputs)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, 0, self.name


@contextmanager
def bounded(option: Any) -> Iterator[None]:
    """Give cells `CELL_TIMEOUT` seconds for as long as the context lasts, unless the command line says otherwise."""
    given = option.nbval_cell_timeout
    option.nbval_cell_timeout = CELL_TIMEOUT if given == NBVAL_TIMEOUT else given
    try:
        yield
    finally:
        option.nbval_cell_timeout = given


def _without_streams(outputs: Any) -> list[Any]:
    return [output for output in outputs if output.output_type != "stream"]
