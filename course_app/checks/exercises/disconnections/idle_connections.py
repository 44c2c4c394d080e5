"""Tasks 3 and 5: connections that are closed because nothing comes from the client."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ...context import CheckContext
from ...registry import task
from ...retries import MachineBusy, while_busy
from ...rules import Predicate, Rule, both, has_code, is_closed, is_lost, is_nothing, is_text, neither, text_is, when
from ...scripted_client import ScriptedClient
from .endings import expect_unchanged

IDLE = 0.4  # seconds of silence, or without a pong, after which an answer has to close
GAP = 0.25  # seconds between the messages of a client that keeps talking
TOO_SLOW = 0.85  # part of IDLE; a pause of ours that came out longer proves nothing about the answer
EARLY = 0.85  # part of IDLE before which nobody may be closed
LATE = 0.2  # seconds after IDLE at which an answer that has not closed is too late
REST = 0.1  # seconds from a pong to the next ping
ATTEMPTS = 3  # how often a busy machine may make us begin again
DOUBTFUL = ("not-reset", "too-late", "ping-late", "not-reset-by-empty")

NOT_RESET = Rule(has_code(4408), "not-reset")


async def play_timed(context: CheckContext, play: Callable[[], Awaitable[None]]) -> None:
    """Await `play()`, and again where a busy machine, ours or the answer's, may have been the cause.

    Raises CheckFailed with `too-busy` where no attempt proved anything.
    """
    try:
        await while_busy(play, ATTEMPTS, doubtful=DOUBTFUL)
    except MachineBusy:
        context.fail("too-busy")


async def at_once(*plays: Coroutine[Any, Any, None]) -> None:
    """Run these plays at the same time, and raise what the first of them in this order raised, if any did."""
    tasks = [asyncio.create_task(play) for play in plays]
    try:
        await asyncio.wait(tasks)
        for ended in tasks:
            ended.result()
    finally:
        for running in tasks:
            running.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def require_in_time(began: float) -> None:
    """Raise MachineBusy where more time has passed since `began` than a client may let pass without being idle."""
    if time.monotonic() - began > IDLE * TOO_SLOW:
        raise MachineBusy


async def expect_idle_close(
    context: CheckContext,
    client: ScriptedClient,
    since: float,
    reason: str | None,
    *rules: Rule,
    early: str = "too-early",
) -> None:
    """Expect 4408 after IDLE seconds, not before 0.85 of them, and not more than LATE seconds later.

    `since` is a time before the last thing that could have reset the answer's timer (`time.monotonic()`).
    `early` is the diagnosis of a close before the time.
    """
    common = [
        Rule(is_lost, "lost-when-idle"),
        Rule(has_code(1000), "closed-1000"),
        Rule(has_code(4408), "no-reason"),
        Rule(is_closed, "other-code"),
        Rule(is_nothing, "not-closed"),
    ]
    heard = time.monotonic()
    await client.expect_close(4408, reason, rules=[*rules, *common])
    now = time.monotonic()
    if now - since < IDLE * EARLY:
        context.fail(early, who=client.name, got="close code 4408", log="")
    if now - heard > IDLE + LATE:
        context.fail("too-late", who=client.name, seconds=f"{now - since:.2f}")


# Task 3: close the idle


def unanswered(sent: float) -> Predicate:
    """Return a predicate for a text without a reply: nothing comes, or the idle close long after `sent`."""
    return lambda got: got.nothing or (got.code == 4408 and time.monotonic() - sent > IDLE * EARLY)


async def keep_talking(context: CheckContext, client: ScriptedClient, times: int, empty: bool = False) -> None:
    """Send a text every GAP seconds, and expect each back; every second one is empty, beginning with the first.

    `empty` says whether there are empty ones. Raises MachineBusy where a pause came out too long.
    """
    for number in range(times):
        began = time.monotonic()
        await asyncio.sleep(GAP)
        require_in_time(began)
        text = "" if empty and number % 2 == 0 else context.text()
        was_empty = empty and number % 2 == 1
        rules = [Rule(when(was_empty, has_code(4408)), "not-reset-by-empty"), NOT_RESET]
        skips = Rule(when(not text, unanswered(time.monotonic())), "skips-empty")
        await expect_unchanged(context, client, skips, *rules, Rule(is_closed, "ended-talker"), text=text)


async def echo_many(context: CheckContext, client: ScriptedClient) -> None:
    """Send many texts without waiting, and expect each back."""
    texts = [context.text() for _ in range(context.number(50, 60))]
    for text in texts:
        await client.send(text)
    for text in texts:
        await client.expect(text, rules=[NOT_RESET, Rule(is_closed, "ended-talker")])


async def talk_and_fall_silent(context: CheckContext, client: ScriptedClient, times: int) -> None:
    """Talk for some time, and expect to be closed IDLE seconds after the last text."""
    await keep_talking(context, client, times, empty=True)
    since = time.monotonic()
    await echo_many(context, client)
    await expect_idle_close(context, client, since, "idle", Rule(is_text, "one-too-many"))


@task("disconnections.3")
async def closes_the_idle(context: CheckContext) -> None:
    """A client that sends nothing for 0.4 s is closed with 4408 and `idle`, after 0.34 s to 0.6 s.

    One sends nothing at all, one falls silent after a while, and another one gets its texts back, and stays for as long
    as it sends one every 0.25 s, be it an empty one. A client that leaves leaves no traceback.
    """

    async def play() -> None:
        a = await context.connect("A")
        await expect_unchanged(context, a, Rule(has_code(4408), "too-early"), Rule(is_closed, "ended-talker"))
        c = await context.connect("C")
        since = time.monotonic()
        b = await context.connect("B")
        await at_once(
            expect_idle_close(context, b, since, "idle", Rule(is_text, "one-too-many")),
            keep_talking(context, a, 5),
            talk_and_fall_silent(context, c, 2),
        )
        await a.close()
        await context.expect_no_traceback("not-caught")
        await (await context.connect("D")).abort()

    await play_timed(context, play)
    await context.expect_endpoints_ended("not-caught")


# Task 5: a heartbeat


async def expect_ping(client: ScriptedClient, *rules: Rule) -> None:
    """Expect the text `ping`. `rules` come first."""
    await client.expect("ping", rules=[*rules, NOT_RESET, Rule(is_closed, "only-once"), Rule(is_nothing, "no-ping")])


async def expect_next_ping(context: CheckContext, client: ScriptedClient, *rules: Rule) -> None:
    """Send `pong`, and expect the next ping REST seconds later. Raises MachineBusy where sending took long."""
    before = time.monotonic()
    await client.send("pong")
    after = time.monotonic()
    await expect_ping(client, *rules)
    now = time.monotonic()
    if now - before < REST * EARLY:
        context.fail("ping-early", who=client.name, seconds=f"{now - before:.2f}")
    if now - after > REST + LATE:
        context.fail("ping-late", who=client.name, seconds=f"{now - after:.2f}")


async def answer_pings(context: CheckContext, client: ScriptedClient, times: int) -> None:
    """Answer that many pings, and expect one more."""
    await expect_ping(client)
    for _ in range(times):
        await expect_next_ping(context, client)


async def answer_some_pings(context: CheckContext, client: ScriptedClient, times: int) -> None:
    """Answer that many pings, and then none."""
    await expect_ping(client)
    for _ in range(times):
        since = time.monotonic()
        await expect_next_ping(context, client)
    any_text = Rule(text_is("ping"), "pings-on")
    await expect_idle_close(context, client, since + REST, None, any_text)


async def answer_late(context: CheckContext, client: ScriptedClient, times: int) -> None:
    """Answer that many pings, each after some other texts. Raises MachineBusy where sending took too long."""
    rules = [Rule(is_closed, "other-texts-close"), Rule(both(is_text, neither(text_is("ping"))), "talked")]
    await expect_ping(client)
    for _ in range(times):
        began = time.monotonic()
        for text in (context.text(), "", "PONG"):
            await client.send(text)
        require_in_time(began)
        await expect_next_ping(context, client, *rules)


async def send_other_texts(context: CheckContext, client: ScriptedClient) -> None:
    """Send texts that are not `pong`, all of them while a client may wait with its pong, and go on until cancelled."""
    texts = ["Pong", "PONG", " pong", "pong ", "pongs", "ping pong", "ping", "", "pon", context.text()]
    context.random.shuffle(texts)
    for text in itertools.cycle(texts):
        await client.send(text)
        await asyncio.sleep(IDLE * EARLY / len(texts))


async def expect_close_for_other_texts(context: CheckContext, client: ScriptedClient, since: float) -> None:
    """Send other texts than `pong`, and expect the close all the same."""
    noise = asyncio.create_task(send_other_texts(context, client))
    any_text = [Rule(text_is("ping"), "any-text"), Rule(is_nothing, "any-text"), Rule(is_text, "talked")]
    try:
        await expect_idle_close(context, client, since, None, *any_text, early="other-texts-close")
    finally:
        noise.cancel()
        await asyncio.gather(noise, return_exceptions=True)


@task("disconnections.5")
async def sends_heartbeats(context: CheckContext) -> None:
    """A client that answers `ping` with `pong` stays, and is pinged again 0.1 s later, six to eight times in all.

    One that sends other texts only, and one that answers twice and no more, are closed with 4408 0.34 s to 0.6 s after
    the ping. A client that leaves, in a pause or with a ping unanswered, leaves no traceback.
    """

    async def play() -> None:
        a, c, f = [await context.connect(name) for name in ("A", "C", "F")]
        since = time.monotonic()
        b = await context.connect("B")
        await expect_ping(b)
        times = context.number(5, 7)
        await at_once(
            answer_pings(context, a, times),
            answer_some_pings(context, c, 2),
            expect_close_for_other_texts(context, b, since),
            answer_late(context, f, 3),
        )
        await a.send("pong")
        await a.close()
        await context.expect_no_traceback("not-caught")
        d, e = await context.connect("D"), await context.connect("E")
        await expect_ping(d)
        await d.close()
        await expect_ping(e)
        await e.send("pong")
        await e.abort()

    await play_timed(context, play)
    await context.expect_endpoints_ended("not-caught")
