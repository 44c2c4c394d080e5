"""Tasks 1 and 4: what one client sends reaches the clients of all workers, or comes back as not delivered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from ...context import CheckContext
from ...registry import task
from ...rules import Rule, is_closed, is_nothing, text_contains, text_is, text_starts_with
from ...scripted_client import ScriptedClient
from .practice_workers import ONE_PROCESS, ONLY_ONCE, SUBSCRIBED, Workers, leave, start_workers

BURST = 4  # texts that a client sends without waiting


async def expect_fan_out(
    context: CheckContext,
    sender: ScriptedClient,
    same_worker: Sequence[ScriptedClient],
    other_worker: Sequence[ScriptedClient],
    previous: str,
    *rules: Rule,
    text: str | None = None,
) -> str:
    """Send a text, a random one by default, and expect it once at the sender and at all others; return it.

    `previous` is the text before: where it comes again, it was delivered twice.
    """
    text = context.text() if text is None else text
    common = [*rules, Rule(text_is(previous), "twice"), ONLY_ONCE]
    await sender.send(text)
    for client in same_worker:
        await client.expect(text, rules=[*common, Rule(is_nothing, "deaf")])
    await sender.expect(text, rules=[*common, Rule(is_nothing, "sender-left-out")])
    for client in other_worker:
        await client.expect(text, rules=[*common, ONE_PROCESS])
    return text


async def expect_burst(
    context: CheckContext, senders: Sequence[ScriptedClient], listeners: Sequence[ScriptedClient]
) -> str:
    """Let the senders send texts at once, one of them twice, and expect each at all listeners; return the last text.

    The texts of one sender come in their order.
    """
    texts = [[context.text() for _ in range(BURST - 1)] for _ in senders]
    for one in texts:
        one.append(one[-1])
    for number in range(BURST):
        for sender, own in zip(senders, texts, strict=True):
            await sender.send(own[number])
    due = Counter(text for own in texts for text in own)
    for listener in listeners:
        heard: list[str] = []
        for _ in range(due.total()):
            got = await listener.expect_where(
                lambda got: got.text in due,
                "one of the texts that were sent at once",
                rules=[Rule(is_nothing, "lost-in-a-burst")],
            )
            heard.append(got.text or "")
        if Counter(heard) != due or any([text for text in heard if text in own] != own for own in texts):
            context.fail("burst-changed", who=listener.name, got=len(set(heard)), expected=len(due))
    return texts[0][-1]


async def expect_apart(context: CheckContext, client: ScriptedClient, others: Sequence[ScriptedClient]) -> None:
    """Send a text as a client of another broker: it comes back to it first, and to none of the others."""
    text = context.text()
    await client.send(text)
    await client.expect(
        text, rules=[Rule(is_nothing, "sender-left-out"), Rule(lambda got: got.is_message, "other-broker")]
    )
    word = context.text()
    await others[0].send(word)
    for other in others:
        await other.expect(word, rules=[Rule(text_is(text), "other-broker"), ONE_PROCESS])


async def connect_all(context: CheckContext, workers: Workers) -> list[ScriptedClient]:
    """Connect two clients to each of the two workers, and one elsewhere; return them in this order."""
    servers = [workers.one, workers.one, workers.two, workers.two, workers.elsewhere]
    clients = [
        await context.connect(name, server=server)
        for name, server in zip(["A", "B", "C", "D", "Elsewhere"], servers, strict=True)
    ]
    await asyncio.sleep(SUBSCRIBED)
    return clients


@task("scale_out.1")
async def reaches_all_workers(context: CheckContext) -> None:
    """A text from any client reaches every client of both workers once, its sender too, and nobody on another broker.

    An empty text, and texts sent without waiting, do too. After a close and a TCP reset the others are served on;
    in the end each endpoint has ended, and none raised.
    """
    a, b, c, d, elsewhere = clients = await connect_all(context, await start_workers(context))
    text = await expect_fan_out(context, a, [b], [c, d], "")
    text = await expect_fan_out(context, c, [d], [a, b], text)
    text = await expect_fan_out(context, a, [b], [c, d], text, Rule(is_nothing, "closed-on-empty"), text="")
    text = await expect_fan_out(context, d, [c], [a, b], "")
    await expect_apart(context, elsewhere, [a, b, c, d])
    text = await expect_burst(context, [a, c], [a, b, c, d])
    await b.close()
    await context.expect_no_traceback("not-caught")
    after_leave = [Rule(is_nothing, "after-a-leave"), Rule(is_closed, "after-a-leave")]
    await expect_fan_out(context, c, [d], [a], text, *after_leave)
    await d.abort()
    text = await expect_fan_out(context, a, [], [c], "", *after_leave)
    await expect_fan_out(context, c, [], [a], text, *after_leave)
    await leave(context, *clients)


# Task 4: say what was not delivered


def too_long(context: CheckContext, limit: int) -> str:
    """Return a text of more than `limit` bytes in fewer characters, whose beginning is random."""
    return context.word() + "é" * (limit // 2)


@task("scale_out.4")
async def reports_what_was_not_delivered(context: CheckContext) -> None:
    """A text over the broker's limit of 40 to 90 bytes comes back to its sender alone, after `not delivered: `.

    It happens to two clients, twice to one, who go on: the next text reaches the clients of both workers once.
    In the end each endpoint has ended, and none raised.
    """
    limit = context.number(40, 90)
    a, b, c, d, elsewhere = clients = await connect_all(context, await start_workers(context, limit=limit))
    told_others = Rule(text_contains("not delivered"), "told-others")
    previous = ""
    for sender, same, other in ((a, [b], [c, d]), (c, [d], [a, b]), (a, [b], [c, d])):
        long = too_long(context, limit)
        await sender.send(long)
        report = f"not delivered: {long}"
        rules = [
            Rule(is_closed, "lost-on-error"),
            Rule(is_nothing, "swallowed"),
            Rule(text_is(long), "pretended"),
            Rule(text_is(previous or "-"), "twice"),
            Rule(text_starts_with("not delivered"), "other-report"),
            Rule(text_contains("bytes"), "engines-words"),
        ]
        await sender.expect(report, rules=rules)
        rules = [told_others, Rule(text_contains(long[:8]), "told-others")]
        sender_rules = [Rule(text_is(report), "told-twice"), told_others, Rule(is_nothing, "stopped"), ONLY_ONCE]
        word = context.word()
        await sender.send(word)
        await sender.expect(word, rules=sender_rules)
        for client in same:
            await client.expect(word, rules=[*rules, Rule(is_nothing, "deaf"), ONLY_ONCE])
        for client in other:
            await client.expect(word, rules=[*rules, ONE_PROCESS, ONLY_ONCE])
        previous = word
    await leave(context, *clients)
