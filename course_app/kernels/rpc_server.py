"""The kernel's end of the RPC: it performs operations on the learner's answers, and replies.

No verdict is reached here.
The grader imports this module under a name of its own, so that no name of the learner's is in its way.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from ..checks.local_backend import LocalBackend
from ..serving import watchdog
from .rpc_operations import CLOSE, OPERATIONS, perform

_REQUEST_BYTES = 4_000_000
_backends: dict[str, LocalBackend] = {}


async def listen(path: str) -> asyncio.Server:
    """Answer requests on the Unix socket `path` from now on, one JSON object per line (see `rpc_operations`).

    Return the server, for whoever wants to end that before the process does.
    """
    watchdog.enter(asyncio.get_running_loop())  # no cell runs meanwhile, so ipykernel hears no interrupt
    return await asyncio.start_unix_server(_converse, path, limit=_REQUEST_BYTES)


async def answer(operation: str, target: str, arguments: list[Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the reply to one request, whose parts these are."""
    backend = _backend(target)
    if operation == CLOSE.name:
        _backends.pop(target, None)
    reply: dict[str, Any] = await perform(OPERATIONS[operation], backend, arguments, options)
    return reply


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.closing(writer), contextlib.suppress(watchdog.Interrupted):
        async for line in reader:
            watchdog.hear(asyncio.get_running_loop())
            writer.write(json.dumps(await answer(**json.loads(line)), default=repr).encode() + b"\n")
            await writer.drain()


def _backend(target: str) -> LocalBackend:
    if target not in _backends:
        from IPython import get_ipython

        _backends[target] = LocalBackend(target, get_ipython().user_ns)
    return _backends[target]
