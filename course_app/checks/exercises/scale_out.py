"""Checks of the exercise `scale_out`: two servers that share nothing but a broker.

The broker is `practice://name?…` of `course_app.apps.broker`, inside the answer's process.
Two servers of one answer stand for two workers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..context import CheckContext
from ..expectations import close_cleanly
from ..received import Received
from ..registry import task
from ..rules import (
    Predicate,
    Rule,
    field_in,
    is_closed,
    is_nothing,
    text_contains,
    text_is,
    text_starts_with,
)
from ..scripted_client import ScriptedClient

PAUSE = 0.06  # seconds until the broker confirms a channel: time enough to miss what was announced too early
SUBSCRIBED = 0.02  # seconds in which an endpoint that accepts first has joined a channel that is confirmed at once
LIMIT = 40  # bytes that the broker of task 4 carries

ONLY_ONCE = Rule(is_closed, "only-once")
ONE_PROCESS = Rule(is_nothing, "one-process")

# Task 1: across the workers


async def expect_fan_out(
    context: CheckContext,
    sender: ScriptedClient,
    same_worker: Sequence[ScriptedClient],
    other_worker: Sequence[ScriptedClient],
    previous: str,
    *rules: Rule,
) -> str:
    """Send a random word, and expect it once at the sender and at all others; return it.

    `previous` is the word before: where it comes again, it was delivered twice.
    """
    word = context.word()
    common = [*rules, Rule(text_is(previous), "twice"), ONLY_ONCE]
    await sender.send(word)
    for client in same_worker:
        await client.expect(word, rules=[*common, Rule(is_nothing, "deaf")])
    await sender.expect(word, rules=[*common, Rule(is_nothing, "sender-left-out")])
    for client in other_worker:
        await client.expect(word, rules=[*common, ONE_PROCESS])
    return word


@task("scale_out.1")
async def reaches_all_workers(context: CheckContext) -> None:
    """A text from any client reaches every client of both workers once, its sender too.

    A client that closes leaves no traceback, and the others are served on.
    """
    one, two = await context.workers(2, f"practice://{context.word()}?pause=0")
    a, b, c = [await context.connect(name, server=server) for name, server in (("A", one), ("B", one), ("C", two))]
    await asyncio.sleep(SUBSCRIBED)
    word = await expect_fan_out(context, a, [b], [c], "")
    word = await expect_fan_out(context, c, [], [a, b], word)
    word = await expect_fan_out(context, a, [b], [c], word)
    await close_cleanly(context, b)
    after_leave = [Rule(is_nothing, "after-a-leave"), Rule(is_closed, "after-a-leave")]
    word = await expect_fan_out(context, c, [], [a], word, *after_leave)
    await expect_fan_out(context, a, [], [c], word, *after_leave)
    await context.expect_no_traceback("not-caught")


# Task 2: nobody misses the beginning

TOO_EARLY = Rule(is_nothing, "announced-too-early")


@task("scale_out.2")
async def announces_who_joins_and_leaves(context: CheckContext) -> None:
    """`joined`, `left` and `<name>: <text>` reach everybody in a room, on both workers, and nobody in another room.

    The first message of a client is its own `joined`, though the broker takes 0.06 s to confirm a channel.
    `left` comes once, after a TCP reset and after a close with 1000; no traceback is logged.
    """
    room, other_room, ada, bob, eve = context.words(5)
    one, two = await context.workers(2, f"practice://{context.word()}?pause={PAUSE}")
    from_room = Rule(text_starts_with(ada, bob), "other-room")
    from_other_room = Rule(text_starts_with(eve), "other-room")
    joined, left = f"{bob} joined", f"{bob} left"
    a = await context.connect("A", f"/rooms/{room}/{ada}", server=one)
    await a.expect(f"{ada} joined", rules=[TOO_EARLY])
    c = await context.connect("C", f"/rooms/{other_room}/{eve}", server=one)
    await c.expect(f"{eve} joined", rules=[from_room, TOO_EARLY])
    b = await context.connect("B", f"/rooms/{room}/{bob}", server=two)
    await b.expect(joined, rules=[from_other_room, TOO_EARLY])
    await a.expect(joined, rules=[Rule(text_is(f"{ada} joined"), "twice"), from_other_room, ONE_PROCESS])
    for sender, name, listener in ((a, ada, b), (b, bob, a)):
        word = context.word()
        await sender.send(word)
        rules = [
            Rule(text_is(word), "no-name"),
            Rule(text_is(joined), "twice"),
            from_other_room,
            Rule(is_nothing, "not-heard"),
            ONLY_ONCE,
        ]
        for client in (listener, sender):
            await client.expect(f"{name}: {word}", rules=rules)
    await b.abort()
    await a.expect(left, rules=[from_other_room, Rule(is_nothing, "no-farewell")])
    await context.expect_no_traceback("not-caught")
    d = await context.connect("D", f"/rooms/{room}/{bob}", server=one)
    await d.expect(joined, rules=[TOO_EARLY])
    await a.expect(joined, rules=[Rule(text_is(left), "left-twice")])
    await close_cleanly(context, d)
    await a.expect(left, rules=[Rule(is_nothing, "no-farewell")])
    word = context.word()
    await c.send(word)
    await c.expect(f"{eve}: {word}", rules=[from_room])


# Task 3: come back, and miss nothing


def message_id(got: Received) -> str:
    """Return the value of `id`, empty where there is none or it is no string."""
    value = got.json_object.get("id")
    return value if isinstance(value, str) else ""


def has_text(*texts: str) -> Predicate:
    """Return a predicate for a JSON message with one of these texts under `text`."""
    return field_in("text", texts)


async def expect_message(client: ScriptedClient, text: str, *rules: Rule) -> str:
    """Expect a JSON message with that text and an id, and return the id."""
    got = await client.expect_where(
        lambda got: has_text(text)(got) and message_id(got) != "",
        f"JSON with an id and the text {text!r}",
        rules=[
            *rules,
            Rule(text_is(text), "bare-text"),
            Rule(lambda got: isinstance(got.json, str), "json-twice"),
            Rule(has_text(text), "no-id"),
        ],
    )
    return message_id(got)


@task("scale_out.3")
async def resumes_from_the_last_id(context: CheckContext) -> None:
    """Messages are JSON with `id` and `text`; `?last_id=` brings what came after that id, once and in order.

    The client whose TCP connection was reset resumes on the other worker, and then gets what is new.
    A client without `last_id` gets new messages only.
    """
    words = context.words(9)
    one, two = await context.workers(2, f"practice://{context.word()}?pause=0")
    a = await context.connect("A", server=one)
    b = await context.connect("B", server=two)
    await asyncio.sleep(SUBSCRIBED)
    last = ""
    for word in words[:2]:
        await a.send(word)
        await expect_message(a, word, Rule(is_nothing, "deaf"), ONLY_ONCE)
        last = await expect_message(b, word, ONE_PROCESS, ONLY_ONCE)
    await b.abort()
    await context.expect_no_traceback("not-caught")
    for word in words[2:5]:
        await a.send(word)
        await expect_message(a, word)
    back = await context.connect("B again", f"/ws?last_id={last}", server=one)
    for number in (2, 3, 4):
        await expect_message(
            back,
            words[number],
            Rule(has_text(words[0]), "from-the-start"),
            Rule(has_text(words[1]), "last-again"),
            Rule(has_text(*words[number + 1 :]), "lost-some"),
            Rule(is_nothing, "not-resumed"),
            ONLY_ONCE,
        )
    await a.send(words[5])
    await expect_message(back, words[5], Rule(has_text(*words[2:5]), "twice"), Rule(is_nothing, "not-live"))
    new = await context.connect("New", server=two)
    await asyncio.sleep(SUBSCRIBED)
    await a.send(words[6])
    await expect_message(new, words[6], Rule(has_text(*words[:6]), "old-to-newcomer"), ONE_PROCESS)
    await expect_message(back, words[6], Rule(has_text(*words[2:6]), "twice"))


# Task 4: say what was not delivered


@task("scale_out.4")
async def reports_what_was_not_delivered(context: CheckContext) -> None:
    """A text over the broker's 40 bytes comes back to its sender alone, as `not delivered: ` and the text.

    The connection goes on: the next text reaches the clients of both workers. No traceback is logged.
    """
    one, two = await context.workers(2, f"practice://{context.word()}?pause=0&limit={LIMIT}")
    a, b = await context.connect("A", server=one), await context.connect("B", server=two)
    await asyncio.sleep(SUBSCRIBED)
    await a.send(long := context.word() * 6)
    report = f"not delivered: {long}"
    await a.expect(
        report,
        rules=[
            Rule(is_closed, "lost-on-error"),
            Rule(is_nothing, "swallowed"),
            Rule(text_is(long), "pretended"),
            Rule(text_contains("bytes"), "engines-words"),
        ],
    )
    await a.send(word := context.word())
    told_others = Rule(text_contains(long[:8]), "told-others")
    await a.expect(
        word, rules=[ONLY_ONCE, Rule(is_nothing, "stopped"), Rule(text_is(report), "told-twice"), told_others]
    )
    await b.expect(word, rules=[told_others, ONE_PROCESS])
    await context.expect_no_traceback("not-caught")
