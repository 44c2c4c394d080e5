"""The checks of `echo.2` and `echo.3`: every message of every client, for as long as the client stays."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from ...context import CheckContext
from ...crashes import CRASHES, crashes_named
from ...failures import CheckFailed
from ...leaving import leave_in_every_way
from ...received import Received
from ...registry import task
from ...rules import Rule, is_closed, is_closed_properly, is_message, is_nothing, is_response
from ...scripted_client import ScriptedClient
from .replies import expect_prefixed_replies, expect_prefixed_reply, padded_text, prefixed, reply_rules

PAUSE = 0.3  # seconds for which a client says nothing, and is still served
CROWD = "CDEFGHIJ"
_GLANCE = 0.05  # seconds in which a message that has been sent arrives
LIFELONG = 160  # messages of one connection


def is_reply_to(texts: set[str]) -> Rule:
    """Return the rule for a reply that another client's text was due."""
    replies = {prefixed(text) for text in texts}
    return Rule(lambda got: got.text in replies, "others-reply")


async def expect_more_replies(context: CheckContext, client: ScriptedClient) -> None:
    """Expect a second and a third reply on one connection: what a missing loop does not give."""
    for _ in range(2):
        await expect_prefixed_reply(
            client, context.text(), Rule(is_closed, "only-once"), Rule(is_nothing, "stopped-answering")
        )


async def expect_odd_texts(context: CheckContext, client: ScriptedClient) -> None:
    """Expect replies to an empty text, to one with blanks at its ends, and to a long one."""
    await expect_prefixed_reply(client, "", Rule(is_closed, "refused-empty"), Rule(is_nothing, "ignored-empty"))
    for text in (padded_text(context), context.text() * 40):
        await expect_prefixed_reply(client, text)


async def expect_own_replies(
    context: CheckContext, a: ScriptedClient, b: ScriptedClient, before: Collection[str] = ()
) -> None:
    """Let two clients send before either of them reads, and expect each to get its own reply and no other.

    `before` holds what they said before.
    """
    said = set(before)
    for _ in range(2):
        clients = [a, b]
        context.random.shuffle(clients)
        texts = {client.name: context.text() for client in clients}
        said.update(texts.values())
        for client in clients:
            await client.send(texts[client.name])
        context.random.shuffle(clients)
        for client in clients:
            own = texts[client.name]
            await expect_own_reply(context, client, own, said - {own}, [other for other in (a, b) if other != client])


async def expect_own_reply(
    context: CheckContext, client: ScriptedClient, text: str, said: set[str], others: list[ScriptedClient]
) -> None:
    """Expect the reply to `text`, and none to what else was `said`; where nothing comes, look whether others got it."""
    rules = [is_reply_to(said), Rule(is_closed, "one-client"), *reply_rules(text)]
    try:
        await client.expect(prefixed(text), rules=rules)
    except CheckFailed as failed:
        if not failed.waited:
            raise
        for other in others:
            for _ in range(3):
                got = await other.receive(_GLANCE)
                if got.text == prefixed(text):
                    context.fail("others-reply", who=other.name, expected="nothing or its own reply", got=got)
        context.fail("one-client", who=client.name, expected=repr(prefixed(text)), got="nothing", log="")


async def expect_lifelong_service(context: CheckContext, client: ScriptedClient) -> None:
    """Expect a reply to each of many messages, sent in bursts, and to one after a pause."""
    ended = Rule(is_closed, "stopped-later"), Rule(is_nothing, "stopped-later")
    await expect_prefixed_replies(client, [context.word() for _ in range(LIFELONG)], *ended)
    await asyncio.sleep(PAUSE)
    await expect_prefixed_reply(client, context.text(), Rule(is_message, "out-of-step"), *ended)


@task("echo.2")
async def answers_every_message(context: CheckContext) -> None:
    """Every text of a connection is answered: an empty one, a long one, many at once, one after a pause.

    Ten clients at the same time get replies of their own, and those who stay are served when others leave.
    """
    async with crashes_named(context):
        a = await context.connect("A")
        await expect_prefixed_reply(a, context.text())
        await expect_more_replies(context, a)
        b, first = await context.connect("B"), context.text()
        await expect_prefixed_reply(b, first, Rule(is_nothing, "one-client"), Rule(is_closed_properly, "one-client"))
        await expect_own_replies(context, a, b, [first])
        await expect_odd_texts(context, a)
        refused = [Rule(is_response, "refused-later")]
        crowd = [await context.connect(name, rules=refused) for name in CROWD]
        context.random.shuffle(crowd)
        for client in crowd:
            await expect_prefixed_replies(client, [context.text() for _ in range(3)])
        await leave_in_every_way(context, [b, *crowd])
        await expect_lifelong_service(context, a)


LEAVES = {**CRASHES, "ExceptionGroup": "not-caught"}


@task("echo.3")
async def ends_quietly_when_a_client_leaves(context: CheckContext) -> None:
    """Every text is answered, and the endpoint ends without a traceback, whoever ends the connection, and however.

    Clients close with 1000, 1001 and a code of their own, and one resets the TCP connection; one has said nothing.
    Who stays is served.
    """
    async with crashes_named(context, LEAVES):
        a = await context.connect("A")
        await expect_prefixed_reply(a, context.text())
        await expect_prefixed_reply(a, context.text(), Rule(is_closed, "only-once"))
        await a.close()
        await context.expect_endpoints_ended("not-caught")
        silent = await context.connect("S")
        await silent.close()
        await context.expect_endpoints_ended("not-caught-silent")
        others = [await context.connect(name) for name in "BCDE"]
        stays = await context.connect("F")
        for client in (*others, stays):
            await expect_prefixed_reply(client, context.text(), Rule(_is_no_text, "one-client"))
        await leave_in_every_way(context, others)
        await expect_prefixed_replies(stays, [context.text() for _ in range(8)], Rule(_is_no_text, "closed-the-other"))
        await expect_prefixed_reply(stays, "", Rule(is_closed, "refused-empty"), Rule(is_nothing, "ignored-empty"))
        await expect_own_replies(context, stays, await context.connect("G"))
        await leave_in_every_way(context, [client for client in context.clients if client.is_open])
        await context.expect_endpoints_ended("not-caught-each")


def _is_no_text(got: Received) -> bool:
    return got.text is None
