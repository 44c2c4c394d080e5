"""Task 3: a class that counts."""

from __future__ import annotations

import asyncio

from ...context import CheckContext
from ...received import Received
from ...registry import task
from ...retries import PAUSES, diagnosed, eventually
from ...rules import Rule, either, has_status, is_lost, is_nothing, is_text
from ...scripted_client import ScriptedClient

BURST = 22  # texts that a client sends at once


def numbers_in(got: Received) -> tuple[int, int] | None:
    """Return the two integers of a text such as `text 1, 2 here`, None where there are not two."""
    words = (got.text or "").replace(",", "").split()
    numbers = [int(word) for word in words if word.isdecimal()]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def count_rules(number: int, connected: int) -> list[Rule]:
    """Return the rules for what learners send instead of `text <number>, <connected> here`."""

    def rule(position: int, higher: bool, wanted: int, diagnosis: str) -> Rule:
        def applies(got: Received) -> bool:
            found = numbers_in(got)
            return found is not None and (found[position] > wanted if higher else found[position] < wanted)

        return Rule(applies, diagnosis)

    return [
        rule(0, True, number, "shared-count"),
        rule(0, False, number, "count-starts-anew"),
        rule(1, True, connected, "ghost"),
        rule(1, False, connected, "own-here"),
        Rule(is_lost, "lost"),
    ]


async def expect_counts(context: CheckContext, client: ScriptedClient, number: int, connected: int) -> None:
    """Send a random word, and expect its number on this connection and the number of connected clients."""
    await client.send(context.text())
    await client.expect(f"text {number}, {connected} here", rules=count_rules(number, connected))


async def expect_counts_soon(context: CheckContext, client: ScriptedClient, number: int, connected: int) -> int:
    """Expect `expect_counts`, at the latest when the answer has had time to notice who left.

    `number` is that of the next text, and goes up with each attempt. Return the number of the text after the last.
    """

    async def attempt() -> None:
        nonlocal number
        number += 1
        await expect_counts(context, client, number - 1, connected)

    await eventually(attempt, PAUSES, diagnosed("ghost"))
    return number


@task("structure.3")
async def counts_in_a_class(context: CheckContext) -> None:
    """Each text is answered with its number on this connection, and with the number of connected clients.

    Texts come one at a time, several at once, and from all clients at the same time. Clients leave by a close with 1000
    and by a TCP reset, and are soon not counted.
    A binary frame closes its connection with 1003, and that client is soon not counted.
    """
    no_accept = Rule(either(is_nothing, has_status(500)), "no-accept")
    a = await context.connect("A", rules=[no_accept])
    await expect_counts(context, a, 1, 1)
    await expect_counts(context, a, 2, 1)
    b = await context.connect("B")
    await expect_counts(context, b, 1, 2)
    await expect_counts(context, a, 3, 2)
    c = await context.connect("C")
    await expect_counts(context, c, 1, 3)
    await asyncio.gather(*(expect_burst(context, client, first, 3) for client, first in ((a, 4), (b, 2), (c, 2))))
    await b.close()
    number = await expect_counts_soon(context, a, 4 + BURST, 2)
    d = await context.connect("D")
    await expect_counts(context, d, 1, 3)
    await d.abort()
    number = await expect_counts_soon(context, a, number, 2)
    await c.send(context.blob())
    await c.expect_close(1003, rules=[Rule(is_text, "no-encoding"), Rule(is_lost, "lost-on-binary")])
    await expect_counts_soon(context, a, number, 1)
    await a.close()
    e = await context.connect("E")
    await expect_counts_soon(context, e, 1, 1)


async def expect_burst(context: CheckContext, client: ScriptedClient, first: int, connected: int) -> None:
    """Send several texts at once, one of them empty, and expect their numbers, which begin with `first`."""
    for text in ("", *(context.text() for _ in range(BURST - 1))):
        await client.send(text)
    for number in range(first, first + BURST):
        rules = [*count_rules(number, connected), Rule(is_nothing, "burst")]
        await client.expect(f"text {number}, {connected} here", rules=rules)
