"""Task 5: a budget per connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...context import CheckContext
from ...registry import task
from ...rules import Predicate, Rule, has_code, is_closed, is_lost, is_nothing, is_refusal, is_text
from ...scripted_client import ScriptedClient

PAUSE = 0.25  # seconds in which a budget must not grow
OVERDRAWN: Sequence[Rule] = [
    Rule(is_lost, "not-a-close"),
    Rule(is_text, "not-closed"),
    Rule(is_nothing, "goes-on"),
    Rule(has_code(4008), "wrong-reason"),
    Rule(is_closed, "wrong-code"),
]
SPENT: Predicate = has_code(4008)


async def expect_paid(client: ScriptedClient, text: str, *rules: Rule) -> None:
    """Expect a paid text back. `rules` come before the shared ones."""
    shared = [Rule(is_lost, "lost"), Rule(lambda got: got.text is not None and not text, "skips-empty")]
    await client.expect(text, rules=[*rules, *shared, Rule(SPENT, "too-early")])


async def expect_overdrawn(client: ScriptedClient, *rules: Rule) -> None:
    """Expect close code 4008, after one text more than the budget pays for was sent. `rules` come first."""
    await client.expect_close(4008, "budget spent", rules=[*rules, *OVERDRAWN])


async def spend_all(context: CheckContext, client: ScriptedClient, texts: Sequence[str], diagnosis: str) -> None:
    """Send `texts`, which the budget pays for, one by one, then one more. `diagnosis`: the budget ended too early."""
    for text in texts:
        await client.send(text)
        await expect_paid(client, text, Rule(SPENT, diagnosis))
    await client.send(context.text())
    await expect_overdrawn(client)


async def spend_with_a_pause(context: CheckContext, limit: int) -> None:
    """Spend the budget, pause, and expect that the next text is not paid for."""
    client = await context.connect("Slow", f"/ws?limit={limit}")
    for number in range(limit):
        text = context.text()
        await client.send(text)
        await expect_paid(client, text, *([Rule(SPENT, "one-short")] if number == limit - 1 else []))
        await asyncio.sleep(PAUSE / limit if number else 0)
    await asyncio.sleep(PAUSE)
    await client.send(context.text())
    await expect_overdrawn(client, Rule(is_text, "grows"))


async def spend_at_once(context: CheckContext, limit: int) -> None:
    """Send more texts than the budget pays for without waiting: the paid ones come back, then the close."""
    client = await context.connect("Fast", f"/ws?limit={limit}")
    same = context.text()
    texts = [context.text(), "", *[same] * limit]
    for text in texts:
        await client.send(text)
    for text in texts[:limit]:
        await expect_paid(client, text)
    await expect_overdrawn(client)


@task("dependencies.5")
async def spends_a_budget(context: CheckContext) -> None:
    """Each connection has `limit` texts echoed, by default three; the next one closes it with 4008 `budget spent`.

    The limit is 0 to 40; connections at once have a budget each, whoever else has spent theirs, and it does not grow.
    No endpoint raises when its client leaves.
    """
    limit = context.number(3, 5)
    a, b = [await context.connect(name, f"/ws?limit={limit}", rules=[Rule(is_refusal, "refused")]) for name in "AB"]
    for number in range(1, limit + 1):
        text = context.text()
        await a.send(text)
        await expect_paid(a, text, *([Rule(SPENT, "one-short")] if number == limit else []))
    await a.send(context.text())
    await expect_overdrawn(a)
    await spend_all(context, b, [context.text() for _ in range(limit)], "shared-budget")
    c = await context.connect("C")
    await spend_all(context, c, [context.text() for _ in range(3)], "limit-ignored")
    d = await context.connect("D", "/ws?limit=0")
    await d.send(context.text())
    await expect_overdrawn(d, Rule(is_text, "limit-zero"))
    e = await context.connect("E", f"/ws?limit={context.number(30, 40)}")
    await asyncio.gather(
        spend_all(context, e, [context.text() for _ in range(int(e.path.rpartition("=")[2]))], "limit-capped"),
        spend_with_a_pause(context, limit),
        spend_at_once(context, context.number(2, 5)),
    )
    f, g = await context.connect("F"), await context.connect("G")
    await f.close()
    await g.abort()
    await context.expect_endpoints_ended("not-caught")
