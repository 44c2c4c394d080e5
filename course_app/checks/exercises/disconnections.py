"""Checks of exercise 05: every way a connection ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from ..context import Actor, Rule, Stage, Wrong
from ..received import Got
from ..registry import task

SETTLE = 0.02  # seconds in which a correct answer has noticed who left, on an idle machine
IDLE = 0.4  # seconds of silence, or without a pong, after which an answer has to close
GAP = 0.25  # seconds between the messages of a client that keeps talking
HICCUP = 0.85  # part of IDLE; a pause of ours that came out longer proves nothing about the answer
EARLY = 0.85  # part of IDLE before which nobody may be closed
ATTEMPTS = 3  # how often a busy machine may make us begin again


def lost(got: Got) -> bool:
    return got.lost


def silent(got: Got) -> bool:
    return got.nothing


async def settles(stage: Stage, look: Callable[[], Awaitable[None]]) -> None:
    """Await `look()` until it finds nothing wrong: an answer gets a moment to notice who left."""
    deadline = time.monotonic() + stage.backend.patience / 2
    pause = SETTLE
    while True:
        try:
            return await look()
        except Wrong as wrong:
            got = wrong.fields.get("got")
            if wrong.waited or (got is not None and got.closed) or time.monotonic() >= deadline:
                raise
        await asyncio.sleep(pause)
        pause *= 2


# 1. Count who is here


def number_in(got: Got, otherwise: int) -> int:
    text = (got.text or "").strip()
    return int(text) if text.lstrip("-").isdecimal() else otherwise


def more_than(number: int) -> Callable[[Got], bool]:
    return lambda got: number_in(got, number) > number


def fewer_than(number: int) -> Callable[[Got], bool]:
    return lambda got: number_in(got, number) < number


async def counts(stage: Stage, actor: Actor, number: int, ghost: str) -> None:
    """Expect `number` as the reply to a random text, soon; a higher one is the diagnosis `ghost`."""

    async def look() -> None:
        await actor.send(stage.word())
        rules = [(more_than(number), ghost), (fewer_than(number), "twice"), (lambda got: got.closed, "closed-all")]
        await actor.receives(str(number), rules=rules)

    await settles(stage, look)


@task("disconnections.1")
async def counts_who_is_here(stage: Stage) -> None:
    a = await stage.client("A")
    await a.send(stage.word())
    await a.receives("1", rules=[(fewer_than(1), "from-zero"), (more_than(1), "ghosts"), (lost, "lost-at-once")])
    b, c, d = [await stage.client(name) for name in "BCD"]
    await b.send(stage.word())
    await b.receives("4", rules=[(lambda got: got.text == "1", "always-one"), (fewer_than(4), "old-number")])
    await a.send(stage.word())
    await a.receives("4", rules=[(lambda got: got.closed, "only-once"), (fewer_than(4), "old-number")])
    await b.leaves(4000, "bye")
    await counts(stage, a, 3, "ghost-leave")
    await stage.no_traceback("not-caught")
    await c.aborts()
    await counts(stage, a, 2, "ghost-abort")
    await stage.no_traceback("not-caught")
    await d.send(stage.blob())
    await d.next(IDLE)
    await d.hang_up()
    await counts(stage, a, 1, "ghost-binary")
    e = await stage.client("E")
    await counts(stage, e, 2, "ghost-binary")


# 2. Two halves, one end


def streams(word: str, number: int, *more: Rule) -> list[Rule]:
    return [
        *more,
        (lambda got: got.text == word, "own-half"),
        (lambda got: got.text is not None and got.text.endswith(word) and _listening(got) > number, "left-behind"),
    ]


def _listening(got: Got) -> int:
    first = (got.text or "").split(" ", 1)[0]
    return int(first) if first.isdigit() else 0


async def published(stage: Stage, speaker: Actor, *listeners: Actor, rules: tuple[Rule, ...] = ()) -> None:
    word, number = stage.word(), len(listeners)
    await speaker.send(word)
    for listener in listeners:
        await listener.receives(f"{number} listening: {word}", rules=streams(word, number, *rules))


@task("disconnections.2")
async def runs_two_halves(stage: Stage) -> None:
    ended: Rule = (lambda got: got.closed, "ended-at-once")
    a = await stage.client("A")
    await published(stage, a, a, rules=((silent, "one-half"), ended))
    b = await stage.client("B")
    await published(stage, b, b, a, rules=((silent, "one-client"), ended))
    await published(stage, a, a, b, rules=(ended,))
    # What was left behind ends at the next text that it cannot send: so look once, and look well.
    # The handshake of the next client takes the server long enough to notice who left.
    await b.leaves()
    await stage.no_traceback("not-caught")
    c = await stage.client("C")
    await published(stage, c, c, a)
    await c.aborts()
    await stage.no_traceback("not-caught")
    d = await stage.client("D")
    await published(stage, d, a, d)
    await a.leaves()
    await stage.no_traceback("not-caught")


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
                raise Wrong("too-busy") from None
        except Wrong as wrong:
            if wrong.diagnosis != "not-reset" or left < ATTEMPTS - 1:
                raise


async def talks(stage: Stage, actor: Actor, times: int) -> None:
    """Say something every GAP seconds, and expect each back."""
    for _ in range(times):
        began = time.monotonic()
        await asyncio.sleep(GAP)
        if time.monotonic() - began > IDLE * HICCUP:
            raise Hiccup
        word = stage.word()
        await actor.send(word)
        await actor.receives(
            word, rules=[(lambda got: got.code == 4408, "not-reset"), (lambda got: got.closed, "ended-talker")]
        )


async def falls_silent(stage: Stage, actor: Actor, since: float, reason: str | None, *rules: Rule) -> None:
    """Expect 4408 after IDLE seconds; `since` is a moment before the last thing that could have reset the timer."""
    closes = [
        (lost, "lost-when-idle"),
        (lambda got: got.code == 1000, "closed-1000"),
        (lambda got: got.code == 4408, "no-reason"),
        (silent, "not-closed"),
    ]
    await actor.closed(4408, reason, rules=[*rules, *closes])
    if time.monotonic() - since < IDLE * EARLY:
        stage.fail("too-early", who=actor.name)


@task("disconnections.3")
async def closes_the_idle(stage: Stage) -> None:
    async def play() -> None:
        a = await stage.client("A")
        word = stage.word()
        await a.send(word)
        await a.receives(word, rules=[(lambda got: got.code == 4408, "too-early")])
        since = time.monotonic()
        b = await stage.client("B")
        talking = asyncio.create_task(talks(stage, a, 2))
        try:
            await falls_silent(stage, b, since, "idle")
            await talking
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
        await a.leaves()

    await attempts(play)
    await stage.no_traceback("not-caught")


# 4. Drain before you stop


@task("disconnections.4")
async def drains(stage: Stage) -> None:
    refused: Rule = (lambda got: got.status == 403, "still-draining")
    gone, a, b, c = [await stage.client(name, rules=[refused]) for name in ("Early", "A", "B", "C")]
    for actor in (c, a):
        word = stage.word()
        await actor.send(word)
        await actor.receives(word, rules=[(lambda got: got.lost or got.closed, "only-once")])
    await gone.leaves()
    await stage.no_traceback("not-caught")
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
    await stage.refused("Late", rules=[accepted])
    await stage.no_traceback("closed-twice")
    await stage.backend.stop_serving()
    await stage.no_traceback("zombie")


# 5. A heartbeat


async def pinged(actor: Actor) -> None:
    await actor.receives(
        "ping",
        rules=[
            (lambda got: got.code == 4408, "not-reset"),
            (lambda got: got.closed, "only-once"),
            (silent, "no-ping"),
        ],
    )


async def answers(stage: Stage, actor: Actor, times: int) -> None:
    """Answer that many pings, each after some other text."""
    for _ in range(times):
        began = time.monotonic()
        await pinged(actor)
        await actor.send(stage.word())
        await actor.send("pong")
        if time.monotonic() - began > IDLE * HICCUP:
            raise Hiccup
    await pinged(actor)


async def chatters(stage: Stage, actor: Actor) -> None:
    """Say anything but pong, for ever."""
    while True:
        await actor.send(stage.word())
        await asyncio.sleep(GAP)


@task("disconnections.5")
async def beats(stage: Stage) -> None:
    async def play() -> None:
        a = await stage.client("A")
        since = time.monotonic()
        b = await stage.client("B")
        await pinged(b)
        noise = asyncio.create_task(chatters(stage, b))
        alive = asyncio.create_task(answers(stage, a, 4))
        try:
            again: Rule = (lambda got: got.text == "ping", "any-text")
            await falls_silent(stage, b, since, None, again, (silent, "any-text"))
            await alive
        finally:
            noise.cancel()
            alive.cancel()
            await asyncio.gather(noise, alive, return_exceptions=True)
        await a.send("pong")
        await a.leaves()

    await attempts(play)
    await stage.no_traceback("not-caught")
