"""Tasks 3 and 5: connections that are closed because nothing comes from the client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from ...context import CheckContext
from ...expectations import expect_echo
from ...registry import task
from ...retries import MachineBusy, while_busy
from ...rules import Rule, has_code, is_closed, is_lost, is_nothing, text_is
from ...scripted_client import ScriptedClient

IDLE = 0.4  # seconds of silence, or without a pong, after which an answer has to close
GAP = 0.25  # seconds between the messages of a client that keeps talking
TOO_SLOW = 0.85  # part of IDLE; a pause of ours that came out longer proves nothing about the answer
EARLY = 0.85  # part of IDLE before which nobody may be closed
ATTEMPTS = 3  # how often a busy machine may make us begin again

NOT_RESET = Rule(has_code(4408), "not-reset")


async def play_timed(context: CheckContext, play: Callable[[], Awaitable[None]]) -> None:
    """Await `play()`, and again where a busy machine, ours or the answer's, may have been the cause.

    Raises CheckFailed with `too-busy` where no attempt proved anything.
    """
    try:
        await while_busy(play, ATTEMPTS, doubtful=["not-reset"])
    except MachineBusy:
        context.fail("too-busy")


def require_in_time(began: float) -> None:
    """Raise MachineBusy where more time has passed since `began` than a client may let pass without being idle."""
    if time.monotonic() - began > IDLE * TOO_SLOW:
        raise MachineBusy


async def expect_idle_close(
    context: CheckContext, client: ScriptedClient, since: float, reason: str | None, *rules: Rule
) -> None:
    """Expect 4408 after IDLE seconds, and not before 0.85 of them.

    `since` is a time before the last thing that could have reset the answer's timer (`time.monotonic()`).
    """
    common = [
        Rule(is_lost, "lost-when-idle"),
        Rule(has_code(1000), "closed-1000"),
        Rule(has_code(4408), "no-reason"),
        Rule(is_nothing, "not-closed"),
    ]
    await client.expect_close(4408, reason, rules=[*rules, *common])
    if time.monotonic() - since < IDLE * EARLY:
        context.fail("too-early", who=client.name)


# Task 3: close the idle


async def keep_talking(context: CheckContext, client: ScriptedClient, times: int) -> None:
    """Send a random word every GAP seconds, and expect each back.

    Raises MachineBusy where a pause came out too long.
    """
    for _ in range(times):
        began = time.monotonic()
        await asyncio.sleep(GAP)
        require_in_time(began)
        await expect_echo(context, client, NOT_RESET, Rule(is_closed, "ended-talker"))


@task("disconnections.3")
async def closes_the_idle(context: CheckContext) -> None:
    """A client that sends nothing for 0.4 s is closed with 4408 and `idle`, not before 0.34 s.

    Another one gets its texts back, and stays for as long as it sends one every 0.25 s.
    A client that closes leaves no traceback.
    """

    async def play() -> None:
        a = await context.connect("A")
        await expect_echo(context, a, Rule(has_code(4408), "too-early"))
        since = time.monotonic()
        b = await context.connect("B")
        talking = asyncio.create_task(keep_talking(context, a, 2))
        try:
            await expect_idle_close(context, b, since, "idle")
            await talking
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
        await a.close()

    await play_timed(context, play)
    await context.expect_no_traceback("not-caught")


# Task 5: a heartbeat


async def expect_ping(client: ScriptedClient) -> None:
    """Expect the text `ping`."""
    await client.expect("ping", rules=[NOT_RESET, Rule(is_closed, "only-once"), Rule(is_nothing, "no-ping")])


async def answer_pings(context: CheckContext, client: ScriptedClient, times: int) -> None:
    """Answer that many pings, each after some other text. Raises MachineBusy where one took too long."""
    for _ in range(times):
        began = time.monotonic()
        await expect_ping(client)
        await client.send(context.word())
        await client.send("pong")
        require_in_time(began)
    await expect_ping(client)


async def send_other_texts(context: CheckContext, client: ScriptedClient) -> None:
    """Send random words, one every GAP seconds, until cancelled."""
    while True:
        await client.send(context.word())
        await asyncio.sleep(GAP)


@task("disconnections.5")
async def sends_heartbeats(context: CheckContext) -> None:
    """A client that answers `ping` with `pong` stays, and is pinged again, five times in all.

    One that sends other texts only is closed with 4408 0.4 s after its ping, not before 0.34 s, and not pinged again.
    A client that closes leaves no traceback.
    """

    async def play() -> None:
        a = await context.connect("A")
        since = time.monotonic()
        b = await context.connect("B")
        await expect_ping(b)
        noise = asyncio.create_task(send_other_texts(context, b))
        alive = asyncio.create_task(answer_pings(context, a, 4))
        try:
            any_text = [Rule(text_is("ping"), "any-text"), Rule(is_nothing, "any-text")]
            await expect_idle_close(context, b, since, None, *any_text)
            await alive
        finally:
            noise.cancel()
            alive.cancel()
            await asyncio.gather(noise, alive, return_exceptions=True)
        await a.send("pong")
        await a.close()

    await play_timed(context, play)
    await context.expect_no_traceback("not-caught")
