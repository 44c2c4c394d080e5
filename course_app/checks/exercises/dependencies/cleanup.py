"""Tasks 3 and 5: what a dependency keeps for one connection."""

from __future__ import annotations

from ....display.events import STATE
from ...context import CheckContext
from ...expectations import expect_echo, expect_refusal_before_accept
from ...registry import task
from ...retries import eventually
from ...rules import (
    Rule,
    both,
    has_code,
    has_status,
    is_closed,
    is_lost,
    is_server_error,
    is_text,
    neither,
    text_ends_with,
    text_is,
    when,
)
from ...scripted_client import ScriptedClient

# Task 3: always give it back

DESK_PAUSES = (0.02, 0.3)  # seconds before each attempt to take a desk that has just become free


async def expect_quotient(context: CheckContext, client: ScriptedClient) -> str:
    """Send a random divisor, expect `<desk>: <quotient>`, and return the desk."""
    divisor = context.number(2, 20)
    await client.send(str(divisor))
    quotient = f": {100 // divisor}"
    no_desk = text_is(f"None{quotient}")
    got = await client.expect_where(
        both(text_ends_with(quotient), neither(no_desk)), f"TEXT 'desk …{quotient}'", rules=[Rule(no_desk, "no-value")]
    )
    return str(got.text).removesuffix(quotient)


async def expect_free_desk(context: CheckContext, name: str, diagnosis: str) -> tuple[ScriptedClient, str]:
    """Connect a client for which a desk has just become free, and return it with its desk."""
    rules = [Rule(has_status(403, 500), diagnosis)]
    client = await eventually(lambda: context.connect(name, rules=rules), DESK_PAUSES)
    return client, await expect_quotient(context, client)


@task("dependencies.3")
async def gives_desks_back(context: CheckContext) -> None:
    """Two clients have a desk each, and a third is refused with HTTP 403 before accept.

    A desk is free again within 0.3 s of a close with 1000, of a TCP reset, and of a text that is no number, on which
    the endpoint raises (1006). No desk is given back twice.
    """
    a = await context.connect("A", rules=[Rule(is_server_error, "crashed")])
    b = await context.connect("B")
    desks = {await expect_quotient(context, a), await expect_quotient(context, b)}
    if len(desks) == 1:
        context.fail("same-desk", desk=desks.pop())
    crash = Rule(is_server_error, "empty-crash")
    await expect_refusal_before_accept(context, "C", "/ws", "third-let-in", rules=[crash])
    await a.close()
    d, _ = await expect_free_desk(context, "D", "leaks-on-leave")
    await d.abort()
    e, _ = await expect_free_desk(context, "E", "leaks-on-abort")
    await e.send(context.word())
    context.expected.add("E", STATE, "CLOSED 1006 (connection lost)")
    await e.receive()
    _, desk = await expect_free_desk(context, "F", "leaks-on-crash")
    await expect_refusal_before_accept(context, "G", "/ws", "given-back-twice")
    if await expect_quotient(context, b) == desk:
        context.fail("same-desk", desk=desk)


# Task 5: a budget per connection


async def expect_overdrawn(context: CheckContext, client: ScriptedClient) -> None:
    """Send one text more than the budget pays for, and expect close code 4008."""
    await client.send(context.word())
    await client.expect_close(
        4008,
        "budget spent",
        rules=[
            Rule(is_lost, "not-a-close"),
            Rule(is_text, "not-closed"),
            Rule(has_code(4008), "wrong-reason"),
            Rule(is_closed, "wrong-code"),
        ],
    )


@task("dependencies.5")
async def spends_a_budget(context: CheckContext) -> None:
    """Each connection has `limit` texts echoed, by default three; the next one closes it with 4008 `budget spent`.

    The limit is two to four; two connections at once have a budget each.
    """
    limit = context.number(2, 4)
    a, b = await context.connect("A", f"/ws?limit={limit}"), await context.connect("B", f"/ws?limit={limit}")
    lost, spent = Rule(is_lost, "lost"), has_code(4008)
    for number in range(1, limit + 1):
        one_short = Rule(when(number == limit, spent), "one-short")
        await expect_echo(context, a, lost, one_short, Rule(spent, "too-early"))
    await expect_overdrawn(context, a)
    for _ in range(limit):
        await expect_echo(context, b, lost, Rule(spent, "shared-budget"))
    await expect_overdrawn(context, b)
    c = await context.connect("C")
    for _ in range(3):
        await expect_echo(context, c, lost, Rule(spent, "limit-ignored"))
    await expect_overdrawn(context, c)
