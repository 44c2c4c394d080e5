"""Task 3: a limit that outlives the connection."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from ....display.events import STATE
from ...context import CheckContext
from ...expectations import expect_echo
from ...received import Received
from ...registry import task
from ...rules import Rule, has_code
from ...scripted_client import ScriptedClient

BURST, PER_SECOND = 5, 5.0  # tokens that a bucket holds, and tokens that come back in a second
SENT = 12  # texts, sent at once
REFILLED = 0.45  # seconds in which two tokens come back


@dataclass(frozen=True)
class Burst:
    """What came of SENT texts at once: how many were answered, within how many seconds, and what came then."""

    answered: int
    seconds: float
    end: Received

    @property
    def most(self) -> int:
        """The number of texts that a full bucket pays for in that time."""
        return tokens_in(self.seconds)


def tokens_in(seconds: float) -> int:
    """Return how many texts a full bucket pays for within that time."""
    return BURST + int(seconds * PER_SECOND)


async def send_burst(context: CheckContext, client: ScriptedClient) -> Burst:
    """Send SENT random words at once, and read echoes until something else comes.

    Raises CheckFailed with `no-echo` for a text that is no echo.
    """
    began, answered = time.monotonic(), 0
    words = context.words(SENT)
    for word in words:
        await client.send(word)
    context.expected.add(client.name, STATE, f"CLOSED 4029 after {BURST} replies")
    while (got := await client.receive()).text is not None:
        if got.text != words[answered]:
            context.fail("no-echo", who=client.name, expected=words[answered], got=got)
        answered += 1
        if answered == SENT:
            break
    return Burst(answered, time.monotonic() - began, got)


async def expect_closed_with_4029(context: CheckContext, who: str, burst: Burst) -> None:
    """Fail unless the burst ended with close code 4029."""
    fields = {"who": who, "answered": burst.answered, "got": burst.end, "sent": SENT}
    if burst.answered == SENT:
        context.fail("not-limited", **fields)
    if burst.end.nothing:
        context.fail("dropped", **fields)
    if burst.end.lost:
        context.fail("lost-at-the-limit", **fields, log=await context.log_line())
    if burst.end.code != 4029:
        context.fail("other-code", **fields)


async def connect_as(context: CheckContext, name: str, user: str) -> ScriptedClient:
    """Connect a client of that user."""
    return await context.connect(name, f"/ws?user={user}")


@task("security.3")
async def limits_a_user(context: CheckContext) -> None:
    """Five texts at once are echoed, plus five for each second that passes, and the next one is closed with 4029.

    A new connection of the same user finds the same bucket, another user finds a full one.
    After 0.45 s there is a token again; a bucket that was not used for a while holds five, and no more.
    """
    ada, bob = context.word(), context.word()
    closed = has_code(4029)
    began = time.monotonic()
    burst = await send_burst(context, await connect_as(context, "A", ada))
    if burst.answered == 0 and burst.end.code == 4029:
        context.fail("empty-at-first", who="A")
    await expect_closed_with_4029(context, "A", burst)
    if not BURST <= burst.answered <= burst.most:
        context.fail("wrong-burst", who="A", answered=burst.answered)
    b = await connect_as(context, "B", bob)
    await expect_echo(context, b, Rule(closed, "shared-by-all"))
    second = await send_burst(context, await connect_as(context, "C", ada))
    if burst.answered + second.answered > tokens_in(time.monotonic() - began):
        context.fail("reconnect-resets", who="C", answered=second.answered)
    await expect_closed_with_4029(context, "C", second)
    await asyncio.sleep(REFILLED)
    d = await connect_as(context, "D", ada)
    await expect_echo(context, d, Rule(closed, "no-refill"))
    saved = await send_burst(context, b)
    await expect_closed_with_4029(context, "B", saved)
    if saved.answered > saved.most:
        context.fail("no-cap", who="B", answered=saved.answered)
