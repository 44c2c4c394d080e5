"""Steps of several tasks: how clients leave, and what has to be over then."""

from __future__ import annotations

import asyncio
import time

from ...context import CheckContext
from ...rules import Rule
from ...scripted_client import ScriptedClient

DROPPED = 0.1  # seconds in which an answer may end the connection after a binary frame; it need not


async def expect_unchanged(
    context: CheckContext, client: ScriptedClient, *rules: Rule, text: str | None = None
) -> None:
    """Send `text`, by default a random one, and expect it back as it is."""
    text = context.text() if text is None else text
    await client.send(text)
    await client.expect(text, rules=rules)


async def leave_with_a_binary_frame(client: ScriptedClient, data: bytes) -> None:
    """Send a binary frame, which ends the connection of many an answer; else cut it."""
    await client.send(data)
    await client.receive(DROPPED)
    await client.abort_if_open()


async def expect_running(context: CheckContext, count: int) -> None:
    """Expect that only `count` endpoints run, whatever the log says. Raises CheckFailed with `endpoint-runs-on`."""
    deadline = time.monotonic() + context.patience
    while (running := await context.backend.running()) > count:
        if time.monotonic() > deadline:
            context.fail("endpoint-runs-on", count=running - count, seconds=context.patience)
        await asyncio.sleep(0.002)


async def tracebacks(context: CheckContext) -> int:
    """Return how many tracebacks the server has logged by now."""
    return sum("Traceback" in line for line in await context.backend.logs())
