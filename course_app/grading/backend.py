"""A check's backend for an answer in another process: the clients are here, the learner's server is in its kernel."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from ..checks.backend import Called, Unusable
from ..errors import CourseError
from ..manifest import Task
from .kernel import Kernel

if TYPE_CHECKING:
    from ..server import Server

PATIENCE = 2.0
"""Seconds that one wait may last; a right answer needs milliseconds."""

_ANSWER_SECONDS = 6.0
_LOG_SECONDS = 1.0
_REPLY_BYTES = 1_000_000


class Remote:
    """Asks the kernel to serve the task's app on a Unix socket, or to call its function."""

    def __init__(self, kernel: Kernel, task: Task, patience: float = PATIENCE) -> None:
        self.kernel = kernel
        self.target = task.target
        self.patience = patience
        self._address = ""
        self._asked = 0
        self._hosted: list[Server] = []

    async def address(self) -> Server | str:
        if not self._address:
            self._address = str(await self._ask("address", _ANSWER_SECONDS))
        return self._address

    async def call(self, *args: Any, timeout: float) -> Called:
        try:
            value = await self._ask("call", timeout + _LOG_SECONDS, args=list(args), timeout=timeout)
        except TimeoutError:
            return Called(timed_out=True, seconds=timeout)
        return Called(**value)

    async def stop_serving(self) -> None:
        await self._ask("stop_serving", _ANSWER_SECONDS)

    async def logs(self) -> list[str]:
        try:
            return [str(line) for line in await self._ask("logs", _LOG_SECONDS)]
        except (CourseError, TimeoutError, TypeError):
            return []  # a kernel that is busy or gone has nothing to tell

    async def host(self, app: Any) -> str:
        from ..server import serve

        path = self.kernel.folder / "s" / f"host-{self.target[:20]}-{len(self._hosted)}"
        server = await serve(app, name=str(path), uds=str(path))
        self._hosted.append(server)
        return f"unix:{path}"

    async def close(self) -> None:
        for server in self._hosted:
            await server.stop()
        if self.kernel.alive:
            # Where this fails, the kernel was interrupted, and the next cell shows whether it lives.
            with contextlib.suppress(CourseError, TimeoutError, Unusable):
                await self._ask("close", _LOG_SECONDS)

    async def _ask(self, operation: str, seconds: float, **arguments: Any) -> Any:
        """Run one operation of `inside` in the kernel.
        Raises Unusable, TimeoutError, and CourseError for a kernel that is gone."""
        self._asked += 1
        reply = self.kernel.folder / f"r{self._asked}-{self.target[:20]}"
        words = ", ".join(repr(word) for word in (str(reply), operation, self.target, json.dumps(arguments)))
        source = f"import course_app.grading.inside as _course_inside\nawait _course_inside.do({words})"
        result = await self.kernel.execute(source, timeout=seconds, silent=True)
        if result.status in ("timeout", "flood"):
            raise TimeoutError(result.detail)
        if result.status != "ok":
            raise CourseError(result.detail or "the kernel has ended")
        return _read(reply.read_bytes()[:_REPLY_BYTES])


def _read(data: bytes) -> Any:
    outcome = json.loads(data)
    if "unusable" in outcome:
        raise Unusable(outcome["unusable"], **outcome["fields"])
    if "error" in outcome:
        raise CourseError(outcome["error"])
    return outcome["value"]
