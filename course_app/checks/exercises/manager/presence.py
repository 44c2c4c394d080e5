"""Task 1: connect and disconnect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ...context import CheckContext
from ...registry import task
from ...retries import NOTICED, diagnosed, doubling, eventually
from ...rules import Rule, is_nothing, text_is
from ...scripted_client import ScriptedClient
from .chat_clients import ClientIds


async def expect_presence(client: ScriptedClient, client_id: int, answer: str, diagnosis: str) -> None:
    """Ask for a client's id, and expect `here` or `away`; the opposite answer has that diagnosis."""
    opposite = {"here": "away", "away": "here"}[answer]
    await client.send(str(client_id))
    await client.expect(answer, rules=[Rule(text_is(opposite), diagnosis), Rule(is_nothing, "no-answer")])


async def expect_away_soon(context: CheckContext, client: ScriptedClient, client_id: int, diagnosis: str) -> None:
    """Ask until the answer is `away`: a server gets a moment to notice who left."""
    await eventually(
        lambda: expect_presence(client, client_id, "away", diagnosis),
        doubling(context.patience / 2),
        diagnosed(diagnosis),
    )


async def ends_one_tab(
    context: CheckContext,
    asker: ScriptedClient,
    client_id: int,
    end: Callable[[ScriptedClient], Awaitable[None]],
    first: int,
) -> None:
    """Connect two tabs of a client and end the one with `end`, then close the other, asking for the client each time.

    `first` is the tab that ends first: 0 is the one that connected first, 1 the other.
    """
    path = f"/ws/{client_id}"
    tabs = [await context.connect(f"{client_id}'s {which} tab", path) for which in ("first", "second")]
    ending, staying = tabs[first], tabs[1 - first]
    await expect_presence(asker, client_id, "here", "never-here")
    await end(ending)
    await asyncio.sleep(NOTICED)
    await expect_presence(asker, client_id, "here", "both-tabs")
    await expect_presence(staying, client_id, "here", "both-tabs")
    await staying.close()
    await expect_away_soon(context, asker, client_id, "ghost-leave")


@task("manager.1")
async def connects_and_disconnects(context: CheckContext) -> None:
    """A client's id is `here` as soon as it has connected, and `away` before that and soon after it has left.

    One with two connections is away when both have ended, whichever ends first. Connections end by a close with 1000
    or 4000, a TCP reset and a binary frame; none but the last may leave a traceback. Nobody who stays is away, a client
    that comes back is here again, and a number within another one is another client's.
    """
    ids = ClientIds(context)
    one, two, three, absent = [ids.next() for _ in range(4)]
    a = await context.connect("A", f"/ws/{one}")
    await expect_presence(a, one, "here", "never-here")
    await expect_presence(a, absent, "away", "always-here")
    for part in (f"{one}"[:-1], f"{one}"[1:]):
        await expect_presence(a, int(part), "away", "part-of-a-number")
    b = await context.connect("B", f"/ws/{two}")
    second_tab = await context.connect("B's second tab", f"/ws/{two}")
    c = await context.connect("C", f"/ws/{three}")
    for asker in (a, c, second_tab):
        await expect_presence(asker, two, "here", "late")
        await expect_presence(asker, three, "here", "late")
    await b.close()
    await context.expect_no_traceback("not-caught")
    await expect_presence(a, two, "here", "both-tabs")
    await second_tab.abort()
    await expect_away_soon(context, a, two, "ghost-abort")
    await c.close(4000, "bye")
    await expect_away_soon(context, a, three, "ghost-leave")
    await context.expect_no_traceback("not-caught")
    back = await context.connect("C again", f"/ws/{three}")
    await expect_presence(a, three, "here", "not-back")
    await expect_presence(back, two, "away", "always-here")
    d = await context.connect("D", f"/ws/{absent}")
    await expect_presence(a, absent, "here", "never-here")
    await d.send(context.blob())
    await expect_away_soon(context, a, absent, "ghost-binary")
    await expect_presence(a, one, "here", "lost-itself")
    ends = (lambda tab: tab.close(), lambda tab: tab.abort(), lambda tab: tab.send(context.blob()))
    for end, first in context.random.sample([(end, first) for end in ends for first in (0, 1)], 6):
        await ends_one_tab(context, a, ids.next(), end, first)
    await expect_presence(a, three, "here", "lost-itself")
    await expect_presence(a, one, "here", "lost-itself")
