"""What the engine finds out about one submission."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..checks.verdict import Outcome, Verdict
from ..nbval_plugin.mismatch import Mismatch


@dataclass(frozen=True)
class Result:
    """One submission, judged.

    `verdicts` holds one per task asked for, in the manifest's order.
    `validated` says whether nbval accepts every cell of the rebuilt notebook;
    `mismatches` says where it does not, and why.
    It is None where only some tasks were asked for. `repairs` says what was restored, one sentence each.
    `stopped` says why the cells after some cell did not run. `cold` says why the kernel was not forked.
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

    def with_second_try(self, second: Result) -> Result:
        """Return this result with the tasks that passed when some were judged again; each is told among the repairs."""
        late = {verdict.task: verdict for verdict in second.verdicts if verdict.passed}
        cells = {f"{task.replace('.', '-')}-check" for task in late}
        mismatches = tuple(one for one in self.mismatches if one.cell not in cells)
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
