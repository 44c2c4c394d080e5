"""Diagnoses of what an answer raised: the server's log names the mistake that a lost connection only hints at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from .context import CheckContext
from .failures import CheckFailed
from .received import Received

CRASHES: Mapping[str, str] = {
    "has no attribute 'encode'": "sent-no-text",
    "a bytes-like object is required": "sent-no-bytes",
    "but got 'websocket.accept'": "accepted-twice",
    'Cannot call "receive" once a disconnect': "received-after-leave",
    'Cannot call "send" once a close': "sent-after-close",
    "an object with __aiter__ method, got coroutine": "loops-over-receive",
    "'async_generator' object is not iterable": "for-without-async",
    "'coroutine' object": "not-awaited",
    '(not "coroutine")': "not-awaited",
    "Object of type coroutine": "not-awaited",
    "not coroutine": "not-awaited",
    "UnboundLocalError": "no-value-yet",
    "NameError": "unknown-name",
}
"""Parts of Starlette's, uvicorn's and Python's error messages, and the diagnosis of each in `common.toml`."""
_NOT_ACCEPTED = 'Need to call "accept" first'


@asynccontextmanager
async def crashes_named(context: CheckContext, names: Mapping[str, str] = CRASHES) -> AsyncIterator[None]:
    """Give a failure of the steps inside a better diagnosis where the server's log explains it.

    `names` maps a part of the log's last error line to a diagnosis. Only a lost connection, a handshake refused with
    HTTP 500 and a traceback are renamed: whatever else a client got explains itself.
    Raises CheckFailed.
    """
    try:
        yield
    except CheckFailed as failed:
        log = await context.log_line()
        got = failed.fields.get("got")
        if failed.waited or not _is_crash(got, failed):
            raise
        fields = {**failed.fields, "log": log}
        if _NOT_ACCEPTED in log and isinstance(got, Received) and got.status == 500:
            raise CheckFailed("no-accept", **fields) from None
        for part, diagnosis in names.items():
            if part in log:
                raise CheckFailed(diagnosis, **fields) from None
        raise


def _is_crash(got: object, failed: CheckFailed) -> bool:
    """Tell whether an exception of the answer's explains this failure."""
    if isinstance(got, Received):
        return got.lost or got.status == 500
    return "log" in failed.fields
