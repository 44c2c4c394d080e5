"""What the engine finds out about one submission."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ..checks.verdict import Outcome, Verdict


@dataclass(frozen=True)
class Mismatch:
    """A cell that nbval does not accept, and its reason."""

    cell: str
    reason: str


@dataclass(frozen=True)
class Result:
    """One submission, judged.

    `verdicts` holds one per task asked for, in the manifest's order.
    `validated` says whether nbval accepts every cell of the rebuilt notebook;
    `mismatches` says where it does not, and why.
    It is None where only some tasks were asked for. `repairs` says what was restored, one sentence each.
    `stopped` says why the cells after some cell did not run. `cold` says why the kernel was not a warm one.
    `seconds` is the time that each stage took.
    """

    exercise: str
    verdicts: tuple[Verdict, ...]
    validated: bool | None
    mismatches: tuple[Mismatch, ...] = ()
    repairs: tuple[str, ...] = ()
    stopped: str = ""
    cold: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return all(verdict.passed for verdict in self.verdicts)

    def outcome(self, task_id: str) -> Outcome:
        return next(verdict.outcome for verdict in self.verdicts if verdict.task == task_id)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready values."""
        return {**asdict(self), "verdicts": [verdict.to_dict() for verdict in self.verdicts], "passed": self.passed}
