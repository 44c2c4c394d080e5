"""A check's backend for an answer in another process: the clients are here, the learner's server is in its kernel."""

from __future__ import annotations

import contextlib
import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ..checks.backend import AnswerUnusable, Called
from ..errors import CourseError
from ..kernels.rpc_client import RpcClient
from ..kernels.sandbox.policy import HOSTED
from ..kernels.untrusted_files import open_socket
from ..manifest import Task

if TYPE_CHECKING:
    from ..serving.server import Server

PATIENCE = 2.0
"""Seconds that one wait may last; a right answer needs milliseconds."""

_ANSWER_SECONDS = 6.0
_LOG_SECONDS = 1.0


class RemoteBackend:
    """Asks the kernel to serve the task's app on a Unix socket, or to call its function.

    `line` leads into the kernel, and stays open for the tasks that follow.
    """

    def __init__(self, line: RpcClient, task: Task, patience: float = PATIENCE) -> None:
        self.line = line
        self.kernel = line.kernel
        self.target = task.target
        self.patience = patience
        self._address = ""
        self._hosted: list[Server] = []
        self._sockets: list[int] = []

    async def address(self) -> Server | str:
        if not self._address:
            self._address = self._reachable(str(await self._ask("address", _ANSWER_SECONDS)))
        return self._address

    async def make(self, *args: Any) -> Server | str:
        return self._reachable(str(await self._ask("make", _ANSWER_SECONDS, args=list(args))))

    def _reachable(self, address: str) -> str:
        """Return the address as this process reaches it. A sandboxed kernel is trusted with its own sockets only."""
        if self.kernel.sandbox is None:
            return address
        path = PurePosixPath(address.removeprefix("unix:"))
        if not address.startswith("unix:") or path.parent != PurePosixPath(self.kernel.folder / "s"):
            raise CourseError("the kernel names a server that is not its own")
        self._sockets.append(open_socket(self.kernel.door / "s", path.name))
        return f"unix:/proc/self/fd/{self._sockets[-1]}"

    async def call(self, *args: Any, timeout: float) -> Called:
        try:
            value = await self._ask("call", timeout + _LOG_SECONDS, args=list(args), timeout=timeout)
        except TimeoutError:
            return Called(timed_out=True, seconds=timeout)
        try:
            return Called(**value)
        except TypeError as error:
            raise CourseError("the kernel left a reply that nobody can read") from error

    async def stop_serving(self) -> None:
        await self._ask("stop_serving", _ANSWER_SECONDS)

    async def running(self) -> int:
        try:
            return int(await self._ask("running", _LOG_SECONDS))
        except (CourseError, TimeoutError, TypeError, ValueError):
            return 0  # a kernel that is busy or gone: the next step says so

    async def logs(self) -> list[str]:
        try:
            return [str(line) for line in await self._ask("logs", _LOG_SECONDS)]
        except (CourseError, TimeoutError, TypeError):
            return []  # a kernel that is busy or gone has nothing to tell

    async def host(self, app: Any) -> str:
        from ..serving.server import serve

        path = self.kernel.folder / HOSTED / f"host-{self.target[:20]}-{len(self._hosted)}"
        server = await serve(app, name=str(path), uds=str(path))
        self._hosted.append(server)
        if self.kernel.sandbox is not None:
            path.chmod(0o666)  # the kernel has a user of its own
        return f"unix:{path}"

    async def close(self) -> None:
        for server in self._hosted:
            await server.stop()
        while self._sockets:
            os.close(self._sockets.pop())
        if self.kernel.alive:
            # Where this fails, the kernel was interrupted, and the next cell shows whether it lives.
            with contextlib.suppress(CourseError, TimeoutError, AnswerUnusable):
                await self._ask("close", _LOG_SECONDS)

    async def _ask(self, operation: str, seconds: float, **arguments: Any) -> Any:
        """Run one operation of `inside` in the kernel.
        Raises AnswerUnusable, TimeoutError, and CourseError for a kernel that is gone."""
        request = {"operation": operation, "target": self.target, "arguments": arguments}
        return _outcome(await self.line.ask(request, seconds))


def _outcome(reply: dict[str, Any]) -> Any:
    """Return what a reply says. The learner's process wrote it, so it may be anything."""
    try:
        if "unusable" in reply:
            raise AnswerUnusable(str(reply["unusable"]), **{str(key): str(one) for key, one in reply["fields"].items()})
        if "error" in reply:
            raise CourseError(str(reply["error"])[:1000])
        return reply["value"]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise CourseError("the kernel left a reply that nobody can read") from error
