"""Task 4: bound a slow client."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence

from ...context import CheckContext
from ...failures import CheckFailed
from ...received import Received
from ...registry import task
from ...retries import MachineBusy, while_busy
from ...rules import Rule, is_closed, is_lost, is_nothing, is_text, text_is
from ...scripted_client import ScriptedClient
from .chat_clients import FILLER, LISTED, MARGIN, ChatClients, Diagnose, expect_at_all

AT_ONCE = 0.25  # seconds; three stalled clients, one after another, would take 0.3
SLOW_FOR = 0.03  # seconds for which a client that is in time does not read; its limit is 0.1
LIMIT_PASSED = 0.18  # seconds after which the limit of 0.1 has passed for all three
IN_TIME = 0.07  # seconds; more than that is too near the limit
ATTEMPTS = 3  # how often a busy machine may make us measure again


def diagnose_first(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
    """Diagnose the first broadcast, which everybody reads: nothing at anybody is `nobody`."""
    return "nobody" if len(missed) == len(got) and all(one.nothing for one in got.values()) else None


def diagnose_stall(sender: ScriptedClient, previous: ScriptedClient | None = None) -> Diagnose:
    """Return how to diagnose a broadcast that met clients that do not read.

    `previous` is the sender of the broadcast before, where that is a listener now.
    """

    def diagnose(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
        first = got[missed[0]]
        if previous is not None and missed == [previous.name] and first.is_message:
            return "echoed"
        if not sender.is_open and first.nothing:
            return "sender-lost"
        if first.closed:
            return "healthy-disconnected"
        return "frozen" if first.nothing else "missed"

    return diagnose


@task("manager.4")
async def bounds_slow_clients(context: CheckContext) -> None:
    """Three clients do not read; the others get every text all the same, within 0.25 s.

    A slow client is closed with 1013 once it reads again, and gets nothing that it was too slow for.
    The others stay connected, and the sender too.
    """
    chat = ChatClients(context)
    attempts = itertools.count(1)

    async def play() -> None:
        number = next(attempts)
        try:
            await play_with_slow_clients(context, chat, str(number) if number > 1 else "")
        except MachineBusy:
            await context.close()  # so that the next attempt meets nobody of this one
            await asyncio.sleep(LISTED + MARGIN)
            raise

    try:
        await while_busy(play, ATTEMPTS)
    except MachineBusy:
        context.fail("one-by-one", seconds=AT_ONCE)


async def play_with_slow_clients(context: CheckContext, chat: ChatClients, suffix: str) -> None:
    """Play the dialogue of task 4 with clients whose names end in `suffix`.

    Raises MachineBusy where the broadcast took longer than AT_ONCE, or where the client that is slow for a moment only
    was slow for longer than IN_TIME: that proves nothing on a busy machine.
    """
    s, t, u, brief, b, a = await chat.connect(*(f"{name}{suffix}" for name in ("S", "T", "U", "Brief", "B", "A")))
    slow = [s, t, u]
    diagnose = diagnose_stall(a)
    await expect_at_all(context, await chat.say(a), [*slow, brief, b], diagnose_first)
    for client in (*slow, brief):
        client.stop_reading()
    filler = await chat.say(a, context.word() * (FILLER // 8))
    await expect_at_all(context, filler, [b], diagnose)
    began = time.monotonic()
    missed_text = await chat.say(a)
    await asyncio.sleep(SLOW_FOR)
    brief.resume_reading()
    stalled = time.monotonic() - began
    await expect_at_all(context, missed_text, [b], diagnose)
    if time.monotonic() - began > AT_ONCE or stalled > IN_TIME:
        raise MachineBusy
    await expect_in_time(brief, filler, missed_text)
    text = await chat.say(a)
    await expect_at_all(context, text, [b, brief], diagnose)
    if time.monotonic() - began > LIMIT_PASSED:
        raise MachineBusy from CheckFailed("limit-too-long", seconds=LIMIT_PASSED)
    await expect_at_all(context, await chat.say(b), [a, brief], diagnose_stall(b, a))
    await asyncio.sleep(began + AT_ONCE - time.monotonic())
    for client in slow:
        client.resume_reading()
        await expect_at_all(context, filler, [client], diagnose)
    await expect_at_all(context, await chat.say(a), [b, brief], diagnose)
    await expect_closed(slow, missed_text)
    await expect_at_all(context, await chat.say(a), [b, brief], diagnose)


async def expect_in_time(client: ScriptedClient, *texts: str) -> None:
    """Expect these texts at a client that did not read for a moment only."""
    for text in texts:
        await client.expect(text, rules=[Rule(is_closed, "limit-too-short"), Rule(is_nothing, "missed")])


async def expect_closed(slow: Sequence[ScriptedClient], missed_text: str) -> None:
    """Expect that each of the clients that did not read is closed with 1013 as soon as it reads again."""
    for client in slow:
        await client.expect_close(
            1013,
            rules=[
                Rule(text_is(missed_text), "kept-for-later"),
                Rule(is_text, "still-listed"),
                Rule(is_lost, "slow-lost"),
                Rule(is_nothing, "not-disconnected"),
            ],
        )
