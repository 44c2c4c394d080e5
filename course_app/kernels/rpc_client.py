"""The grader's end of the RPC into a kernel: one JSON object there, one back, over a Unix socket in its folder.

A request this way costs a tenth of what a cell costs.
The learner's code lives at the other end, so a reply is data of bounded size and nothing more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from typing import Any

from ..errors import CourseError
from . import rpc_operations
from .conventions import SOCKETS
from .kernel import Kernel
from .rpc_operations import UNREADABLE, Operation
from .untrusted_files import open_socket

_NAME = "rpc"
_REPLY_BYTES = 1_000_000
_INTERRUPT_SECONDS = 0.2
_LISTEN_SECONDS = 6.0


class RpcClient:
    """Calls operations in one kernel, several at once too: each request has a connection to itself while it waits.

    `kernel` is that kernel. Close the client when it is not needed any more.
    """

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._listens = False
        self._listening = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, operation: Operation, target: str, *arguments: Any, **options: Any) -> Any:
        """Perform an operation on the answer called `target`, and return its result.

        Waits `operation.seconds`, and the seconds of an option `timeout` more.
        Raises AnswerUnusable, TimeoutError, and CourseError for a kernel that is gone or answers nonsense.
        """
        request = rpc_operations.request(operation, target, *arguments, **options)
        seconds = operation.seconds + options.get("timeout", 0.0)
        return rpc_operations.result(operation, await self.ask(request, seconds))

    async def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Return the reply to one request, a JSON object.

        Raises TimeoutError after so many seconds, and interrupts the kernel where the answer blocks its event loop.
        Raises CourseError for a kernel that is gone or answers nonsense.
        """
        try:
            async with asyncio.timeout(seconds):
                data = await self._exchange(json.dumps(request).encode() + b"\n")
        except TimeoutError:
            self.close()
            await self.kernel.execute("pass", timeout=_INTERRUPT_SECONDS, silent=True)
            raise
        except ConnectionError:
            data = b""
        except (OSError, ValueError) as error:  # ValueError: more than _REPLY_BYTES without an end
            self.close()
            raise CourseError(UNREADABLE) from error
        if not data.endswith(b"\n"):
            self.close()
            raise CourseError(self.kernel.ending if await self.kernel.has_ended() else "the kernel left no reply")
        return _read(data)

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, data: bytes) -> bytes:
        """Send one request and return its reply, on a connection that no other request waits on."""
        streams, self._streams = self._streams, None
        reader, writer = streams or await self._connect()
        try:
            writer.write(data)
            reply = await reader.readline()
        except BaseException:
            writer.close()
            raise
        if self._streams is None and reply:
            self._streams = reader, writer
        else:
            writer.close()
        return reply

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with self._listening:
            if not self._listens:
                await self._listen()
        with contextlib.ExitStack() as stack:
            path = str(self.kernel.folder / SOCKETS / _NAME)
            if self.kernel.sandbox is not None:
                fd = open_socket(self.kernel.outside_folder / SOCKETS, _NAME)
                stack.callback(os.close, fd)
                path = f"/proc/self/fd/{fd}"
            return await asyncio.open_unix_connection(path, limit=_REPLY_BYTES)

    async def _listen(self) -> None:
        path = str(self.kernel.folder / SOCKETS / _NAME)
        source = f"import course_app.kernels.rpc_server as _course_rpc\nawait _course_rpc.listen({path!r})"
        result = await self.kernel.execute(source, timeout=_LISTEN_SECONDS, silent=True)
        if result.status in ("timeout", "flood"):
            raise TimeoutError(result.detail)
        if result.status != "ok":
            raise CourseError(result.detail or "the kernel has ended")
        self._listens = True


def _read(data: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CourseError(UNREADABLE) from error
    if not isinstance(reply, dict):
        raise CourseError(UNREADABLE)
    return reply
