"""The result of grading one submission."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..checks.verdict import Outcome, Verdict
from ..nbval_plugin.mismatch import Mismatch


@dataclass(frozen=True)
class Result:
    """The verdicts on one submission, and how they were reached.

    `verdicts`: one per task that was asked for, in the manifest's order.
    `validated`: whether nbval accepts every cell of the rebuilt notebook; None where only some tasks were asked for.
    `mismatches`: the cells that nbval does not accept. `repairs`: what was restored, one sentence each.
    `stopped`: why the cells after some cell did not run, or empty.
    `cold`: why the kernel was not forked, or empty. `seconds`: the time of each stage.
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
        """Whether every task passed."""
        return all(verdict.passed for verdict in self.verdicts)

    def outcome(self, task_id: str) -> Outcome:
        """Return the outcome of a task. Raises StopIteration for a task that was not asked for."""
        return next(verdict.outcome for verdict in self.verdicts if verdict.task == task_id)

    def with_second_try(self, second: Result) -> Result:
        """Return this result with the passes of `second`, in which some tasks were checked again.

        A sentence among `repairs` names each task that passed the second time only.
        """
        late = {verdict.task: verdict for verdict in second.verdicts if verdict.passed}
        cells = {f"{task.replace('.', '-')}-check" for task in late}
        mismatches = tuple(mismatch for mismatch in self.mismatches if mismatch.cell not in cells)
        return replace(
            self,
            verdicts=tuple(late.get(verdict.task, verdict) for verdict in self.verdicts),
            validated=None if self.validated is None else not mismatches,
            mismatches=mismatches,
            repairs=(*self.repairs, *(f"{task} passed when it was judged a second time" for task in late)),
            seconds={**self.seconds, "second try": round(sum(second.seconds.values()), 4)},
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready values."""
        return {**asdict(self), "verdicts": [verdict.to_dict() for verdict in self.verdicts], "passed": self.passed}
