"""One submission: bytes in, a JSON-ready verdict out, whatever the bytes are and wherever this runs."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import CourseError
from ..manifest import Course
from ..nb.files import parse
from .engine import CELL_SECONDS, judge
from .kernel import Kernel, KernelFailed
from .sandbox import Sandbox

PATIENCE = 1.5
"""Seconds that one wait of a check may last; more than a learner's own, because a class shares the machine."""
WHOLE_SECONDS = 60.0
"""Seconds after which nothing more of a submission is begun."""

_LINES = 100


@dataclass(frozen=True)
class Options:
    """How a submission is graded. `sandbox` is None without one; times are in seconds."""

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


def grade_bytes(course: Course, stem: str, data: bytes, name: str, options: Options) -> dict[str, Any]:
    """Return `{"result": …}`, as `Result.to_dict` gives it, or `{"problem": …}` for a file that is no submission.

    `stem` is the exercise's, `name` what messages call the file. Raises KernelFailed, which is not the learner's doing.
    """
    try:
        lesson = course.lesson(stem)
        submission = parse(data, name, strict=False)
        result = asyncio.run(
            judge(
                course,
                lesson,
                submission,
                kernel=functools.partial(Kernel.start, sandbox=options.sandbox),
                name=name,
                cell_seconds=options.cell_seconds,
                patience=options.patience,
                seconds=options.whole_seconds,
            )
        )
    except KernelFailed:
        raise
    except CourseError as error:
        return {"problem": str(error)}
    return {"result": _bounded(result.to_dict())}


def _bounded(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result with long lists cut: a notebook of ten thousand cells must not fill every report."""
    more = len(result["repairs"]) - _LINES
    if more > 0:
        result["repairs"] = (*result["repairs"][:_LINES], f"and {more} more")
    result["mismatches"] = result["mismatches"][:_LINES]
    return result
