"""A check's backend for an answer in another process: the clients are here, the learner's server is in its kernel."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ..checks.backend import AnswerUnusable, Called
from ..errors import CourseError
from ..kernels import rpc_operations as operations
from ..kernels.conventions import GRADER_SOCKETS, SOCKETS
from ..kernels.rpc_client import RpcClient
from ..kernels.untrusted_files import open_socket
from ..manifest import Task

if TYPE_CHECKING:
    from ..serving.server import Server

PATIENCE = 2.0
"""Seconds that one wait may last; a right answer needs milliseconds."""


class RemoteBackend:
    """Calls the operations of `kernels.rpc_operations` on the answer of one task; see `checks.backend.Backend`.

    `rpc` belongs to the answer's kernel and stays open for the tasks that follow.
    `patience` is the seconds that one wait of the check may last.
    """

    def __init__(self, rpc: RpcClient, task: Task, patience: float = PATIENCE) -> None:
        self.kernel = rpc.kernel
        self.target = task.target
        self.patience = patience
        self._rpc = rpc
        self._address = ""
        self._hosted: list[Server] = []
        self._numbers = itertools.count()  # for names: two servers may start at once
        self._sockets: list[int] = []

    async def address(self) -> Server | str:
        """Serve the task's app, the first time or anew after `stop_serving`, and return its address for this process.

        Raises AnswerUnusable.
        """
        if not self._address:
            self._address = self._reachable(await self._rpc.call(operations.ADDRESS, self.target))
        return self._address

    async def make(self, *args: Any) -> Server | str:
        """Call the task's function, and return the address of the app that it returns. Raises AnswerUnusable."""
        return self._reachable(await self._rpc.call(operations.MAKE, self.target, *args))

    async def call(self, *args: Any, timeout: float, wait: float | None = None) -> Called:
        """Run the task's coroutine function for at most `timeout` seconds (see `Backend`). Raises AnswerUnusable."""
        try:
            called: Called = await self._rpc.call(operations.CALL, self.target, *args, timeout=timeout, wait=wait)
        except TimeoutError:
            return Called(timed_out=True, seconds=timeout)
        return called

    async def stop_serving(self) -> None:
        """Shut the task's servers down the way SIGTERM would."""
        await self._rpc.call(operations.STOP_SERVING, self.target)
        self._address = ""

    async def running(self) -> int:
        """Return how many WebSocket endpoints run; 0 for a kernel that is busy or gone, which the next step notices."""
        try:
            return int(await self._rpc.call(operations.RUNNING, self.target))
        except (CourseError, TimeoutError):
            return 0

    async def logs(self) -> list[str]:
        """Return what the answer's servers logged; nothing for a kernel that is busy or gone."""
        try:
            return list(await self._rpc.call(operations.LOGS, self.target))
        except (CourseError, TimeoutError):
            return []

    async def host(self, app: Any) -> str:
        """Serve an app of the check's own in this process, and return an address that the kernel can connect to."""
        from ..serving.server import serve

        path = self.kernel.folder / GRADER_SOCKETS / f"host-{self.target[:20]}-{next(self._numbers)}"
        server = await serve(app, name=str(path), uds=str(path))
        self._hosted.append(server)
        if self.kernel.sandbox is not None:
            path.chmod(0o666)  # the kernel has a user of its own
        return f"unix:{path}"

    async def close(self) -> None:
        """Stop every server that this backend started, in this process and in the kernel."""
        for server in self._hosted:
            await server.stop()
        while self._sockets:
            os.close(self._sockets.pop())
        if self.kernel.alive:
            # Where this fails, the kernel was interrupted, and the next cell shows whether it lives.
            with contextlib.suppress(CourseError, TimeoutError, AnswerUnusable):
                await self._rpc.call(operations.CLOSE, self.target)

    def _reachable(self, address: str) -> str:
        """Return the address as this process reaches it. A sandboxed kernel is trusted with its own sockets only."""
        if self.kernel.sandbox is None:
            return address
        path = PurePosixPath(address.removeprefix("unix:"))
        if not address.startswith("unix:") or path.parent != PurePosixPath(self.kernel.folder / SOCKETS):
            raise CourseError("the kernel names a server that is not its own")
        self._sockets.append(open_socket(self.kernel.outside_folder / SOCKETS, path.name))
        return f"unix:/proc/self/fd/{self._sockets[-1]}"
