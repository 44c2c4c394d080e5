"""Checks of exercise 07: every way a connection ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from ..context import CheckContext, CheckFailed, Rule, ScriptedClient
from ..received import Received
from ..registry import task

SETTLE = 0.02  # seconds in which a correct answer has noticed who left, on an idle machine
IDLE = 0.4  # seconds of silence, or without a pong, after which an answer has to close
GAP = 0.25  # seconds between the messages of a client that keeps talking
HICCUP = 0.85  # part of IDLE; a pause of ours that came out longer proves nothing about the answer
EARLY = 0.85  # part of IDLE before which nobody may be closed
ATTEMPTS = 3  # how often a busy machine may make us begin again


def lost(got: Received) -> bool:
    return got.lost


def silent(got: Received) -> bool:
    return got.nothing


async def settles(context: CheckContext, look: Callable[[], Awaitable[None]]) -> None:
    """Await `look()` until it finds nothing wrong: an answer gets a moment to notice who left."""
    deadline = time.monotonic() + context.backend.patience / 2
    pause = SETTLE
    while True:
        try:
            return await look()
        except CheckFailed as wrong:
            got = wrong.fields.get("got")
            if wrong.waited or (got is not None and got.closed) or time.monotonic() >= deadline:
                raise
        await asyncio.sleep(pause)
        pause *= 2


# 1. Count who is here


def number_in(got: Received, otherwise: int) -> int:
    text = (got.text or "").strip()
    return int(text) if text.lstrip("-").isdecimal() else otherwise


def more_than(number: int) -> Callable[[Received], bool]:
    return lambda got: number_in(got, number) > number


def fewer_than(number: int) -> Callable[[Received], bool]:
    return lambda got: number_in(got, number) < number


async def counts(context: CheckContext, actor: ScriptedClient, number: int, ghost: str) -> None:
    """Expect `number` as the reply to a random text, soon; a higher one is the diagnosis `ghost`."""

    async def look() -> None:
        await actor.send(context.word())
        rules = [(more_than(number), ghost), (fewer_than(number), "twice"), (lambda got: got.closed, "closed-all")]
        await actor.receives(str(number), rules=rules)

    await settles(context, look)


@task("disconnections.1")
async def counts_who_is_here(context: CheckContext) -> None:
    a = await context.client("A")
    await a.send(context.word())
    await a.receives("1", rules=[(fewer_than(1), "from-zero"), (more_than(1), "ghosts"), (lost, "lost-at-once")])
    b, c, d = [await context.client(name) for name in "BCD"]
    await b.send(context.word())
    await b.receives("4", rules=[(lambda got: got.text == "1", "always-one"), (fewer_than(4), "old-number")])
    await a.send(context.word())
    await a.receives("4", rules=[(lambda got: got.closed, "only-once"), (fewer_than(4), "old-number")])
    await b.leaves(4000, "bye")
    await counts(context, a, 3, "ghost-leave")
    await context.no_traceback("not-caught")
    await c.aborts()
    await counts(context, a, 2, "ghost-abort")
    await context.no_traceback("not-caught")
    await d.send(context.blob())
    await d.next(IDLE)
    await d.hang_up()
    await counts(context, a, 1, "ghost-binary")
    e = await context.client("E")
    await counts(context, e, 2, "ghost-binary")


# 2. Two halves, one end


def streams(word: str, number: int, *more: Rule) -> list[Rule]:
    return [
        *more,
        (lambda got: got.text == word, "own-half"),
        (lambda got: got.text is not None and got.text.endswith(word) and _listening(got) > number, "left-behind"),
    ]


def _listening(got: Received) -> int:
    first = (got.text or "").split(" ", 1)[0]
    return int(first) if first.isdigit() else 0


async def published(
    context: CheckContext, speaker: ScriptedClient, *listeners: ScriptedClient, rules: tuple[Rule, ...] = ()
) -> None:
    word, number = context.word(), len(listeners)
    await speaker.send(word)
    for listener in listeners:
        await listener.receives(f"{number} listening: {word}", rules=streams(word, number, *rules))


@task("disconnections.2")
async def runs_two_halves(context: CheckContext) -> None:
    ended: Rule = (lambda got: got.closed, "ended-at-once")
    a = await context.client("A")
    await published(context, a, a, rules=((silent, "one-half"), ended))
    b = await context.client("B")
    await published(context, b, b, a, rules=((silent, "one-client"), ended))
    await published(context, a, a, b, rules=(ended,))
    # What was left behind ends at the next text that it cannot send: so look once, and look well.
    # The handshake of the next client takes the server long enough to notice who left.
    await b.leaves()
    await context.no_traceback("not-caught")
    c = await context.client("C")
    await published(context, c, c, a)
    await c.aborts()
    await context.no_traceback("not-caught")
    d = await context.client("D")
    await published(context, d, a, d)
    await a.leaves()
    await context.no_traceback("not-caught")


# 3. Close the idle


class Hiccup(Exception):
    """This machine was too busy for the times of an attempt to prove anything."""


async def attempts(play: Callable[[], Awaitable[None]]) -> None:
    """Await `play()`, and again where a busy machine, ours or the answer's, may have spoilt it."""
    for left in reversed(range(ATTEMPTS)):
        try:
            return await play()
        except Hiccup:
            if not left:
                raise CheckFailed("too-busy") from None
        except CheckFailed as wrong:
            if wrong.diagnosis != "not-reset" or left < ATTEMPTS - 1:
                raise


async def talks(context: CheckContext, actor: ScriptedClient, times: int) -> None:
    """Say something every GAP seconds, and expect each back."""
    for _ in range(times):
        began = time.monotonic()
        await asyncio.sleep(GAP)
        if time.monotonic() - began > IDLE * HICCUP:
            raise Hiccup
        word = context.word()
        await actor.send(word)
        await actor.receives(
            word, rules=[(lambda got: got.code == 4408, "not-reset"), (lambda got: got.closed, "ended-talker")]
        )


async def falls_silent(
    context: CheckContext, actor: ScriptedClient, since: float, reason: str | None, *rules: Rule
) -> None:
    """Expect 4408 after IDLE seconds; `since` is a moment before the last thing that could have reset the timer."""
    closes = [
        (lost, "lost-when-idle"),
        (lambda got: got.code == 1000, "closed-1000"),
        (lambda got: got.code == 4408, "no-reason"),
        (silent, "not-closed"),
    ]
    await actor.closed(4408, reason, rules=[*rules, *closes])
    if time.monotonic() - since < IDLE * EARLY:
        context.fail("too-early", who=actor.name)


@task("disconnections.3")
async def closes_the_idle(context: CheckContext) -> None:
    async def play() -> None:
        a = await context.client("A")
        word = context.word()
        await a.send(word)
        await a.receives(word, rules=[(lambda got: got.code == 4408, "too-early")])
        since = time.monotonic()
        b = await context.client("B")
        talking = asyncio.create_task(talks(context, a, 2))
        try:
            await falls_silent(context, b, since, "idle")
            await talking
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
        await a.leaves()

    await attempts(play)
    await context.no_traceback("not-caught")


# 4. Drain before you stop


@task("disconnections.4")
async def drains(context: CheckContext) -> None:
    refused: Rule = (lambda got: got.status == 403, "still-draining")
    gone, a, b, c = [await context.client(name, rules=[refused]) for name in ("Early", "A", "B", "C")]
    for actor in (c, a):
        word = context.word()
        await actor.send(word)
        await actor.receives(word, rules=[(lambda got: got.lost or got.closed, "only-once")])
    await gone.leaves()
    await context.no_traceback("not-caught")
    await a.send("drain")
    told: list[Rule] = [
        (lambda got: got.code == 1000, "closed-1000"),
        (lambda got: got.code == 1001, "closed-1001"),
        (lambda got: got.text is not None, "talked"),
    ]
    await a.closed(1012, rules=[*told, (lost, "sender-lost"), (silent, "sender-left-out")])
    for actor in (b, c):
        await actor.closed(1012, rules=[*told, (lost, "others-lost"), (silent, "only-sender")])
    accepted: Rule = (lambda got: got.status is None and not got.nothing, "let-in")
    await context.refused("Late", rules=[accepted])
    await context.no_traceback("closed-twice")
    await context.backend.stop_serving()
    await context.no_traceback("zombie")


# 5. A heartbeat


async def pinged(actor: ScriptedClient) -> None:
    await actor.receives(
        "ping",
        rules=[
            (lambda got: got.code == 4408, "not-reset"),
            (lambda got: got.closed, "only-once"),
            (silent, "no-ping"),
        ],
    )


async def answers(context: CheckContext, actor: ScriptedClient, times: int) -> None:
    """Answer that many pings, each after some other text."""
    for _ in range(times):
        began = time.monotonic()
        await pinged(actor)
        await actor.send(context.word())
        await actor.send("pong")
        if time.monotonic() - began > IDLE * HICCUP:
            raise Hiccup
    await pinged(actor)


async def chatters(context: CheckContext, actor: ScriptedClient) -> None:
    """Say anything but pong, for ever."""
    while True:
        await actor.send(context.word())
        await asyncio.sleep(GAP)


@task("disconnections.5")
async def beats(context: CheckContext) -> None:
    async def play() -> None:
        a = await context.client("A")
        since = time.monotonic()
        b = await context.client("B")
        await pinged(b)
        noise = asyncio.create_task(chatters(context, b))
        alive = asyncio.create_task(answers(context, a, 4))
        try:
            again: Rule = (lambda got: got.text == "ping", "any-text")
            await falls_silent(context, b, since, None, again, (silent, "any-text"))
            await alive
        finally:
            noise.cancel()
            alive.cancel()
            await asyncio.gather(noise, alive, return_exceptions=True)
        await a.send("pong")
        await a.leaves()

    await attempts(play)
    await context.no_traceback("not-caught")
