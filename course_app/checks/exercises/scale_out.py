"""Checks of exercise 15: two servers that share nothing but a broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..context import CheckContext, Rule, ScriptedClient
from ..received import Received
from ..registry import task

PAUSE = 0.06  # seconds until the broker confirms a channel: time enough to miss what was announced too early
SETTLE = 0.02  # seconds in which an endpoint that accepts first has joined a channel that is confirmed at once
LIMIT = 40  # bytes that the broker of task 4 carries


def silent(got: Received) -> bool:
    return got.nothing


def says(text: str) -> Callable[[Received], bool]:
    return lambda got: got.text == text


def ended(diagnosis: str) -> Rule:
    return (lambda got: got.closed), diagnosis


async def goodbye(context: CheckContext, actor: ScriptedClient) -> None:
    await actor.leaves()
    await context.no_traceback("not-caught")


# 1. Across the workers


async def reaches(
    context: CheckContext,
    sender: ScriptedClient,
    near: list[ScriptedClient],
    far: list[ScriptedClient],
    before: str,
    *more: Rule,
) -> str:
    """Send a word, and expect it at the sender, at the clients of its worker, and at those of the other one."""
    word = context.word()
    common: list[Rule] = [*more, (says(before), "twice"), ended("only-once")]
    await sender.send(word)
    for actor in near:
        await actor.receives(word, rules=[*common, (silent, "deaf")])
    await sender.receives(word, rules=[*common, (silent, "sender-left-out")])
    for actor in far:
        await actor.receives(word, rules=[*common, (silent, "one-process")])
    return word


@task("scale_out.1")
async def crosses_the_workers(context: CheckContext) -> None:
    one, two = await context.workers(2, f"practice://{context.word()}?pause=0")
    a, b, c = [await context.client(name, at=at) for name, at in (("A", one), ("B", one), ("C", two))]
    await asyncio.sleep(SETTLE)
    word = await reaches(context, a, [b], [c], "")
    word = await reaches(context, c, [], [a, b], word)
    word = await reaches(context, a, [b], [c], word)
    await goodbye(context, b)
    word = await reaches(context, c, [], [a], word, (silent, "after-a-leave"), ended("after-a-leave"))
    await reaches(context, a, [], [c], word, (silent, "after-a-leave"), ended("after-a-leave"))
    await context.no_traceback("not-caught")


# 2. Nobody misses the beginning


@task("scale_out.2")
async def misses_no_beginning(context: CheckContext) -> None:
    room, other, ada, bob, eve = (context.word() for _ in range(5))
    one, two = await context.workers(2, f"practice://{context.word()}?pause={PAUSE}")
    a = await context.client("A", f"/rooms/{room}/{ada}", at=one)
    await a.receives(f"{ada} joined", rules=[(silent, "announced-too-early")])
    c = await context.client("C", f"/rooms/{other}/{eve}", at=one)
    elsewhere: Rule = (lambda got: bool(got.text and got.text.startswith((ada, bob))), "other-room")
    await c.receives(f"{eve} joined", rules=[elsewhere, (silent, "announced-too-early")])
    b = await context.client("B", f"/rooms/{room}/{bob}", at=two)
    stranger: Rule = (lambda got: bool(got.text and got.text.startswith(eve)), "other-room")
    await b.receives(f"{bob} joined", rules=[stranger, (silent, "announced-too-early")])
    again: Rule = (says(f"{ada} joined"), "twice")
    await a.receives(f"{bob} joined", rules=[again, stranger, (silent, "one-process")])
    for speaker, name, listener in ((a, ada, b), (b, bob, a)):
        word = context.word()
        await speaker.send(word)
        bare: Rule = (says(word), "no-name")
        for actor in (listener, speaker):
            again = (says(f"{bob} joined"), "twice")
            rules = [bare, again, stranger, (silent, "not-heard"), ended("only-once")]
            await actor.receives(f"{name}: {word}", rules=rules)
    await b.aborts()
    await a.receives(f"{bob} left", rules=[stranger, (silent, "no-farewell")])
    await context.no_traceback("not-caught")
    d = await context.client("D", f"/rooms/{room}/{bob}", at=one)
    await d.receives(f"{bob} joined", rules=[(silent, "announced-too-early")])
    await a.receives(f"{bob} joined", rules=[(says(f"{bob} left"), "left-twice")])
    await goodbye(context, d)
    await a.receives(f"{bob} left", rules=[(silent, "no-farewell")])
    word = context.word()
    await c.send(word)
    await c.receives(f"{eve}: {word}", rules=[elsewhere])


# 3. Come back, and miss nothing


async def hears(actor: ScriptedClient, text: str, *rules: Rule) -> str:
    """Expect a message with that text, and return its id."""
    wanted: list[Rule] = [
        *rules,
        (says(text), "bare-text"),
        (lambda got: isinstance(got.json, str), "json-twice"),
        (lambda got: isinstance(got.json, dict) and got.json.get("text") == text, "no-id"),
    ]
    got = await actor.receives_where(
        lambda got: isinstance(got.json, dict) and got.json.get("text") == text and _id(got) != "",
        f"JSON with an id and the text {text!r}",
        rules=wanted,
    )
    return _id(got)


def _id(got: Received) -> str:
    id = got.json.get("id") if isinstance(got.json, dict) else None
    return id if isinstance(id, str) else ""


def text_is(*texts: str) -> Callable[[Received], bool]:
    return lambda got: isinstance(got.json, dict) and got.json.get("text") in texts


@task("scale_out.3")
async def resumes(context: CheckContext) -> None:
    words = [context.word() for _ in range(9)]
    one, two = await context.workers(2, f"practice://{context.word()}?pause=0")
    a = await context.client("A", at=one)
    b = await context.client("B", at=two)
    await asyncio.sleep(SETTLE)
    for word in words[:2]:
        await a.send(word)
        await hears(a, word, (silent, "deaf"), ended("only-once"))
        last = await hears(b, word, (silent, "one-process"), ended("only-once"))
    await b.aborts()
    await context.no_traceback("not-caught")
    for word in words[2:5]:
        await a.send(word)
        await hears(a, word)
    back = await context.client("B again", f"/ws?last_id={last}", at=one)
    seen: Rule = (text_is(words[1]), "last-again")
    start: Rule = (text_is(words[0]), "from-the-start")
    for number in (2, 3, 4):
        missed: Rule = (text_is(*words[number + 1 :]), "lost-some")
        await hears(back, words[number], start, seen, missed, (silent, "not-resumed"), ended("only-once"))
    await a.send(words[5])
    doubled: Rule = (text_is(*words[2:5]), "twice")
    await hears(back, words[5], doubled, (silent, "not-live"))
    new = await context.client("New", at=two)
    await asyncio.sleep(SETTLE)
    await a.send(words[6])
    await hears(new, words[6], (text_is(*words[:6]), "old-to-newcomer"), (silent, "one-process"))
    await hears(back, words[6], (text_is(*words[2:6]), "twice"))


# 4. Say what was not delivered


@task("scale_out.4")
async def says_what_was_not_delivered(context: CheckContext) -> None:
    one, two = await context.workers(2, f"practice://{context.word()}?pause=0&limit={LIMIT}")
    a, b = await context.client("A", at=one), await context.client("B", at=two)
    await asyncio.sleep(SETTLE)
    await a.send(long := context.word() * 6)
    line = f"not delivered: {long}"
    shapes: list[Rule] = [
        ((lambda got: got.closed), "lost-on-error"),
        (silent, "swallowed"),
        (says(long), "pretended"),
        ((lambda got: bool(got.text and "bytes" in got.text)), "engines-words"),
    ]
    await a.receives(line, rules=shapes)
    await a.send(word := context.word())
    overheard: Rule = ((lambda got: bool(got.text and long[:8] in got.text)), "told-others")
    rules = [ended("only-once"), (silent, "stopped"), (says(line), "told-twice"), overheard]
    await a.receives(word, rules=rules)
    await b.receives(word, rules=[overheard, (silent, "one-process")])
    await context.no_traceback("not-caught")
