"""The state that all steps of one check share: the answer, the expected transcript, and how a step fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from ..display.transcript import Transcript
from .backend import Backend
from .failures import CheckFailed
from .random_values import RandomValues
from .received import Received
from .rules import Rule

_NOT_AN_ERROR = ("INFO", "File", "During", "Traceback", "WARNING")  # how log lines begin that name no error


class Dialogue(RandomValues):
    """What a check has in common with its clients.

    `target` is the name of the learner's variable or function, `backend` reaches it.
    `expected` is the transcript that a right answer gives: each step adds its line *before* it waits,
    so that a failure shows the script up to the line that was not met.
    """

    def __init__(self, target: str, backend: Backend) -> None:
        super().__init__()
        self.target = target
        self.backend = backend
        self.expected = Transcript()

    @property
    def patience(self) -> float:
        """The seconds that one wait may last."""
        return self.backend.patience

    def fail(self, diagnosis: str, **fields: Any) -> NoReturn:
        """End the check as wrong, by raising CheckFailed. `fields` fill the diagnosis' text."""
        raise CheckFailed(diagnosis, **fields)

    def fail_waiting(self, diagnosis: str, **fields: Any) -> NoReturn:
        """End the check because something did not come within `patience` seconds, by raising CheckFailed."""
        raise CheckFailed(diagnosis, waited=True, seconds=self.patience, **fields)

    async def fail_for(self, got: Received, diagnosis: str, **fields: Any) -> NoReturn:
        """End the check as wrong because of what came, by raising CheckFailed.

        A text can use the fields `got`, `code`, `reason`, `status`, `seconds` and `log`, and those of `fields`.
        """
        known = {
            "got": got,
            "code": got.code,
            "reason": got.reason,
            "status": got.status,
            "seconds": self.patience,
            "log": await self.log_line(),
        }
        self.fail(diagnosis, **(known | fields))

    async def apply_rules(self, rules: Sequence[Rule], got: Received, **fields: Any) -> None:
        """End the check with the diagnosis of the first rule that applies to what came, as `fail_for` does.

        Returns where none applies.
        """
        for rule in rules:
            if rule.applies(got):
                await self.fail_for(got, rule.diagnosis, **fields)

    async def log_line(self) -> str:
        """Return the last line that the answer's servers logged as an error, as a sentence that follows a diagnosis.

        Returns an empty string where there is none.
        """
        for line in reversed(await self.backend.logs()):
            last = line.strip().splitlines()[-1].strip() if line.strip() else ""
            if last and not last.startswith(_NOT_AN_ERROR):
                return f" The server's log ends with: {last[:200]}"
        return ""
