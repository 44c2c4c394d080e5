"""Task 4: bound a slow client."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence

from ...context import CheckContext
from ...received import Received
from ...registry import task
from ...retries import MachineBusy, while_busy
from ...rules import Rule, is_lost, is_nothing, is_text, text_is
from ...scripted_client import ScriptedClient
from .chat_clients import FILLER, LISTED, MARGIN, ChatClients, Diagnose, expect_at_all

AT_ONCE = 0.25  # seconds; three stalled clients, one after another, would take 0.3
ATTEMPTS = 2  # how often a busy machine may make us measure again


def diagnose_first(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
    """Diagnose the first broadcast, which everybody reads: nothing at anybody is `nobody`."""
    return "nobody" if len(missed) == len(got) and all(one.nothing for one in got.values()) else None


def diagnose_stall(sender: ScriptedClient) -> Diagnose:
    """Return how to diagnose a broadcast that met clients that do not read."""

    def diagnose(got: Mapping[str, Received], missed: Sequence[str]) -> str | None:
        first = got[missed[0]]
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

    Raises MachineBusy where the broadcast took longer than AT_ONCE, which proves nothing on a busy machine.
    """
    s, t, u, b, a = await chat.connect(*(f"{name}{suffix}" for name in "STUBA"))
    slow = [s, t, u]
    diagnose = diagnose_stall(a)
    await expect_at_all(context, await chat.say(a), [*slow, b], diagnose_first)
    for client in slow:
        client.stop_reading()
    filler = await chat.say(a, context.word() * (FILLER // 8))
    await expect_at_all(context, filler, [b], diagnose)
    began = time.monotonic()
    missed_text = await chat.say(a)
    await expect_at_all(context, missed_text, [b], diagnose)
    seconds = time.monotonic() - began
    await expect_at_all(context, await chat.say(a), [b], diagnose)
    if seconds > AT_ONCE:
        raise MachineBusy
    await expect_at_all(context, await chat.say(b), [a], diagnose_stall(b))
    for client in slow:
        client.resume_reading()
        await expect_at_all(context, filler, [client], diagnose)
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
    await expect_at_all(context, await chat.say(a), [b], diagnose)
