"""The engine: a submission in, verdicts out, reached outside of the learner's process.

The submission's answers are put into the canonical notebook, which runs once, in a fresh kernel.
A check cell's code does not run there: the task's check plays its dialogue from this process against the learner's
server in the kernel, and its verdict becomes the cell's output.
nbval's comparison then says whether the rebuilt notebook's outputs are what they should be.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

from ..checks.run import run_check
from ..checks.verdict import Outcome, Verdict
from ..kernels.cell_output import CellResult
from ..kernels.conventions import WORK
from ..kernels.kernel import Kernel
from ..kernels.rpc_client import RpcClient
from ..kernels.untrusted_files import write_new
from ..manifest import FILE_NAME, Course, Lesson, Task
from ..messages import diagnosis
from ..nb.bindings import binds
from ..nb.cells import Cell, Notebook, is_code
from ..nb.files import read
from ..nb.transplant import Report, transplant
from ..nbval_plugin.mismatch import Mismatch
from .remote_backend import PATIENCE, RemoteBackend
from .result import Result

CELL_SECONDS = 10.0
"""Seconds that one cell of an exercise may run."""

_STOPS = {"timeout": "cell-endless", "flood": "cell-flood", "dead": "kernel-died"}

KernelFactory = Callable[[], Awaitable[Kernel]]


def check_notebook(
    course: Course,
    lesson: Lesson,
    submission: Notebook,
    *,
    tasks: Sequence[Task] | None = None,
    kernel: KernelFactory = Kernel.start,
    name: str = "the notebook",
    cell_seconds: float = CELL_SECONDS,
    patience: float = PATIENCE,
) -> Result:
    """Judge a submission of `lesson`'s exercise.

    `submission` is a notebook as `nb.files.read(…, strict=False)` returns it, and `name` what errors call it.
    `tasks` limits the verdicts (default: every task). `kernel` starts the kernel that the cells run in.
    `cell_seconds` bounds each cell, and `patience` each wait of a check, both in seconds.
    Raises NotebookError for a notebook of another exercise, and KernelFailed.
    """
    return asyncio.run(
        judge(
            course,
            lesson,
            submission,
            tasks=tasks,
            kernel=kernel,
            name=name,
            cell_seconds=cell_seconds,
            patience=patience,
        )
    )


async def judge(
    course: Course,
    lesson: Lesson,
    submission: Notebook,
    *,
    tasks: Sequence[Task] | None = None,
    kernel: KernelFactory = Kernel.start,
    name: str = "the notebook",
    cell_seconds: float = CELL_SECONDS,
    patience: float = PATIENCE,
    seconds: float = float("inf"),
) -> Result:
    """Do what `check_notebook` does, on the running event loop, and begin nothing more after so many `seconds`."""
    rebuilt, report = transplant(read(course.solution_path(lesson)), submission, name)
    run = _Run(course, lesson, rebuilt, report, lesson.tasks if tasks is None else tuple(tasks), cell_seconds, patience)
    run.deadline = time.monotonic() + seconds
    loading = asyncio.create_task(asyncio.to_thread(importlib.import_module, "course_app.nbval_plugin.comparison"))
    with run.timed("kernel"):
        started = await kernel()
    async with started:
        await run.through(started)
    await loading
    return run.result(started.why_started)


class _Run:
    """One notebook on its way through one kernel."""

    def __init__(
        self,
        course: Course,
        lesson: Lesson,
        notebook: Notebook,
        report: Report,
        tasks: tuple[Task, ...],
        cell_seconds: float,
        patience: float,
    ) -> None:
        self.course, self.lesson, self.notebook, self.report = course, lesson, notebook, report
        self.tasks, self.cell_seconds, self.patience = tasks, cell_seconds, patience
        self.verdicts: dict[str, Verdict] = {}
        self.failures: dict[str, CellResult] = {}  # by the id of the answer cell
        self.ran: dict[str, CellResult] = {}
        self.stopped = ""
        self.deadline = float("inf")
        self.seconds: dict[str, float] = {}

    async def through(self, kernel: Kernel) -> None:
        """Run every cell, and play every check in the place of its cell, until something stops the kernel."""
        with contextlib.closing(RpcClient(kernel)) as rpc:
            await self._through(kernel, rpc)

    async def _through(self, kernel: Kernel, rpc: RpcClient) -> None:
        manifest = self.course.root / FILE_NAME
        # `check` in the kernel reads the manifest; solutions stay away.
        write_new(kernel.outside_folder / WORK / FILE_NAME, manifest.read_bytes())
        for cell in filter(is_code, self.notebook["cells"]):
            if time.monotonic() > self.deadline:
                self.stopped = f"cell {cell['id']}: the time for the whole notebook was over"
                return
            task = self._task_of(cell)
            if task and cell["id"] == f"{task.cell_prefix}-check":
                if task in self.tasks:
                    await self._judge(task, rpc)
                    self.ran[cell["id"]] = _shown(self.verdicts[task.id])
            elif self._wants(cell, task):
                await self._execute(cell, task, kernel)
            if self.stopped:
                return

    def result(self, why_started: str) -> Result:
        """Return the result of what has run; `why_started` says why the kernel was not forked."""
        with self.timed("nbval"):
            mismatches = tuple(self._mismatches())
        whole = self.tasks == self.lesson.tasks
        return Result(
            exercise=self.lesson.stem,
            verdicts=tuple(self._verdict_on(task) for task in self.tasks),
            validated=not mismatches if whole else None,
            mismatches=mismatches if whole else (),
            repairs=self.report.lines,
            stopped=self.stopped,
            cold=why_started,
            seconds={stage: round(seconds, 4) for stage, seconds in self.seconds.items()},
        )

    @contextlib.contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time of the block to the seconds of a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began

    def _task_of(self, cell: Cell) -> Task | None:
        prefix = cell["id"].rpartition("-")[0]
        return next((task for task in self.lesson.tasks if task.cell_prefix == prefix), None)

    def _untouched(self, task: Task) -> bool:
        return task.answer_cell in self.report.untouched

    def _wants(self, cell: Cell, task: Task | None) -> bool:
        """Whether a cell runs: of a task that is not asked for or not attempted, only what others may need."""
        if task is None or cell["id"].endswith("-stub"):
            return True
        return task in self.tasks and not self._untouched(task)

    async def _execute(self, cell: Cell, task: Task | None, kernel: Kernel) -> None:
        with self.timed("cells"):
            result = await kernel.execute(cell["source"], timeout=self.cell_seconds)
        self.ran[cell["id"]] = result
        if result.status in _STOPS:
            self._stop(cell["id"], task, result)
        elif result.status == "error" and task and cell["id"].endswith("-stub"):
            self.failures[cell["id"]] = result

    def _stop(self, cell_id: str, task: Task | None, result: CellResult) -> None:
        self.stopped = f"cell {cell_id}: {result.detail}"
        if task and task in self.tasks and not self._untouched(task):  # what came before ended the kernel
            outcome = Outcome.TIMED_OUT if result.status == "timeout" else Outcome.FAILED
            self.verdicts[task.id] = _verdict(task, outcome, _STOPS[result.status], cell_id, result.detail)

    async def _judge(self, task: Task, rpc: RpcClient) -> None:
        if self._untouched(task):
            self.verdicts[task.id] = Verdict(task.id, Outcome.NOT_ATTEMPTED)
            return
        if task.answer_cell in self.failures:
            detail = self.failures[task.answer_cell].detail
            self.verdicts[task.id] = _verdict(task, Outcome.FAILED, "cell-raised", task.answer_cell, detail)
            return
        with self.timed("checks"):
            self.verdicts[task.id] = await run_check(
                task, RemoteBackend(rpc, task, self.patience), source=self._source(task)
            )
        kernel = rpc.kernel
        if kernel.killed:
            self.stopped = f"the check of {task.id}: the kernel did not answer any more and was killed"
        elif not kernel.alive:
            cell_id = task.answer_cell
            self.stopped = f"the check of {task.id}: {kernel.ending}"
            self.verdicts[task.id] = _verdict(task, Outcome.FAILED, "kernel-died", cell_id, kernel.ending)

    def _verdict_on(self, task: Task) -> Verdict:
        """Return the verdict on a task; one that no check came to was not attempted or not reached."""
        unreached = Outcome.NOT_ATTEMPTED if self._untouched(task) else Outcome.NOT_REACHED
        return self.verdicts.get(task.id) or Verdict(task.id, unreached)

    def _source(self, task: Task) -> str:
        """Return the source of the last code cell that defines the task's answer."""
        code = [str(cell["source"]) for cell in self.notebook["cells"] if is_code(cell)]
        return next((source for source in reversed(code) if binds(source, task.target)), "")

    def _mismatches(self) -> Iterator[Mismatch]:
        from ..nbval_plugin.comparison import mismatch

        for cell in filter(is_code, self.notebook["cells"]):
            result = self.ran.get(cell["id"])
            if result is None:
                yield Mismatch(cell["id"], "the cell did not run")
            elif found := mismatch(cell, result.status, result.outputs):
                yield found


def _shown(verdict: Verdict) -> CellResult:
    """Return a verdict as the output of a cell that ends with it."""
    return CellResult("ok", ({"output_type": "execute_result", "data": {"text/plain": repr(verdict)}, "metadata": {}},))


def _verdict(task: Task, outcome: Outcome, name: str, cell_id: str, detail: str) -> Verdict:
    message = diagnosis(task.id, name, target=task.target, cell=cell_id, detail=detail)
    return Verdict(task.id, outcome, f"{task.id}.{name}", message)
