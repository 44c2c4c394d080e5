"""Expectations that several exercises share, each made of steps of a CheckContext and its clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .context import CheckContext
from .failures import CheckFailed
from .received import Received
from .rules import Rule
from .scripted_client import ScriptedClient

_REFUSED_LATE = 0.1  # seconds in which a server that accepts first has closed


async def expect_echo(context: CheckContext, client: ScriptedClient, *rules: Rule) -> str:
    """Send a random word, expect it back as a text frame, and return it. Raises CheckFailed as `expect` does."""
    word = context.word()
    await client.send(word)
    await client.expect(word, rules=rules)
    return word


async def close_cleanly(context: CheckContext, client: ScriptedClient) -> None:
    """Close with 1000, and expect no traceback. Raises CheckFailed with `not-caught`."""
    await client.close()
    await context.expect_no_traceback("not-caught")


async def expect_refusal_before_accept(
    context: CheckContext,
    name: str,
    path: str,
    diagnosis: str,
    *,
    status: int = 403,
    rules: Sequence[Rule] = (),
    frames: int = 1,
    fields: Mapping[str, Any] | None = None,
    **options: Any,
) -> Received:
    """Expect the handshake to be refused with that HTTP status, and return the response.

    Raises CheckFailed with `diagnosis` where the client was accepted and stayed so, with `accepted-first` where it was
    accepted and a close frame is among the next `frames` frames, and else as `expect_refusal` does.
    `fields` fill the text of `diagnosis`; `options` are those of `course_app.connect`.
    """
    try:
        return await context.expect_refusal(name, path, status=status, rules=rules, **options)
    except CheckFailed as failed:
        client = context.clients[-1]
        if failed.diagnosis != "not-refused" or not client.is_accepted:
            raise
        for _ in range(frames):
            if (await client.receive(_REFUSED_LATE)).closed:
                context.fail("accepted-first", who=name, path=path)
        raise CheckFailed(diagnosis, **failed.fields | dict(fields or {})) from None
