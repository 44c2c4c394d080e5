"""How a check reaches an answer, wherever the answer runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..serving.server import Server


@dataclass(frozen=True)
class Called:
    """What came of running the learner's coroutine function.

    `value` is what it returned, as far as JSON can carry it. `error` is empty, or the exception's class name,
    and `detail` the exception's text. `timed_out` says that it was stopped after its time, in seconds.
    """

    value: Any = None
    error: str = ""
    detail: str = ""
    timed_out: bool = False
    seconds: float = 0.0


class AnswerUnusable(Exception):
    """The answer cannot be checked at all: `diagnosis` names why, `fields` fill its text."""

    def __init__(self, diagnosis: str, **fields: Any) -> None:
        super().__init__(diagnosis)
        self.diagnosis = diagnosis
        self.fields = fields


class Backend(Protocol):
    """One answer, in this kernel or in another process.

    `patience` is the seconds that one wait may last.
    """

    patience: float

    async def address(self) -> Server | str:
        """Serve the task's app, the first time, and return what `connect` takes. Raises AnswerUnusable."""
        ...

    async def make(self, *args: Any) -> Server | str:
        """Call the task's function (arguments JSON-ready) and serve the app that it returns; each call serves one more.

        Return what `connect` takes. Raises AnswerUnusable.
        """
        ...

    async def call(self, *args: Any, timeout: float, wait: float | None = None) -> Called:
        """Run the task's coroutine function (arguments JSON-ready) for at most `timeout` seconds.

        `wait` is the seconds that each wait of `course_app.connect` may last in it, where the learner gives no timeout.
        Raises AnswerUnusable.
        """
        ...

    async def stop_serving(self) -> None:
        """Shut the task's servers down the way SIGTERM would; the next `address` serves the app anew."""
        ...

    async def running(self) -> int:
        """Return how many WebSocket endpoints the answer's servers run at this moment."""
        ...

    async def logs(self) -> list[str]:
        """Return what the answer's servers logged."""
        ...

    async def host(self, app: Any) -> str:
        """Serve an app of the check's own, and return an address that the learner's code can connect to."""
        ...

    async def close(self) -> None:
        """Stop every server that this backend started."""
        ...
