"""One submission: bytes in, a JSON-ready verdict out, in whatever process this runs."""

from __future__ import annotations

import asyncio
import functools
import time
from dataclasses import asdict, dataclass
from typing import Any

from ..checks.verdict import Outcome, Verdict
from ..errors import CourseError
from ..kernels.kernel import Kernel
from ..kernels.launch import KernelFailed
from ..kernels.sandbox.policy import Sandbox
from ..manifest import Course, Lesson
from ..nb.cells import Notebook
from ..nb.files import parse
from .engine import CELL_SECONDS, KernelFactory, judge
from .result import Result

PATIENCE = 1.5
"""Seconds that one wait of a check may last; more than a learner's own, because a class shares the machine."""
WHOLE_SECONDS = 60.0
"""Seconds after which nothing more of a submission is begun."""

_LINES = 100


@dataclass(frozen=True)
class Options:
    """The options of grading a submission. `sandbox` is None without one; times are in seconds."""

    sandbox: Sandbox | None
    cell_seconds: float = CELL_SECONDS
    whole_seconds: float = WHOLE_SECONDS
    patience: float = PATIENCE

    def to_dict(self) -> dict[str, Any]:
        """Return what shaped the verdicts, as JSON-ready values."""
        limits = asdict(self.sandbox.limits) if self.sandbox else None
        return {
            "sandboxed": self.sandbox is not None,
            "limits": limits,
            "cell_seconds": self.cell_seconds,
            "whole_seconds": self.whole_seconds,
            "patience": self.patience,
        }


def grade_bytes(
    course: Course, stem: str, data: bytes, name: str, options: Options, kernel: KernelFactory | None = None
) -> dict[str, Any]:
    """Return `{"result": …}`, as `Result.to_dict` gives it, or `{"problem": …}` for a file that is no submission.

    `stem` is the exercise's, `name` what messages call the file.
    `kernel` starts a kernel in the sandbox of `options` (default: a new one).
    Raises KernelFailed, which is not the learner's doing.
    """
    try:
        lesson = course.lesson(stem)
        submission = parse(data, name, strict=False)
        kernel = kernel or functools.partial(Kernel.start, sandbox=options.sandbox)
        result = asyncio.run(_judge(course, lesson, submission, name, options, kernel))
    except KernelFailed:
        raise
    except CourseError as error:
        return {"problem": str(error)}
    return {"result": _bounded(result.to_dict())}


async def _judge(
    course: Course, lesson: Lesson, submission: Notebook, name: str, options: Options, kernel: KernelFactory
) -> Result:
    """Judge a submission, and once more the tasks that failed: no mark is lost because the machine was busy."""
    began = time.monotonic()
    judge_it = functools.partial(
        judge,
        course,
        lesson,
        submission,
        kernel=kernel,
        name=name,
        cell_seconds=options.cell_seconds,
    )
    result = await judge_it(patience=options.patience, seconds=options.whole_seconds)
    failed = [] if result.stopped else filter(_depends_on_time, result.verdicts)
    doubtful = [course.task(verdict.task) for verdict in failed]
    left = options.whole_seconds - (time.monotonic() - began)
    if not doubtful or left <= 0:
        return result
    return result.with_second_try(await judge_it(tasks=doubtful, patience=2 * options.patience, seconds=left))


def _depends_on_time(verdict: Verdict) -> bool:
    """Return whether a dialogue failed; a cell that raised would raise again."""
    failed = verdict.outcome in (Outcome.FAILED, Outcome.TIMED_OUT)
    return failed and not verdict.diagnosis.endswith(".cell-raised")


def _bounded(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result with long lists cut: a notebook of ten thousand cells must not fill every report."""
    more = len(result["repairs"]) - _LINES
    if more > 0:
        result["repairs"] = (*result["repairs"][:_LINES], f"and {more} more")
    result["mismatches"] = result["mismatches"][:_LINES]
    return result
