"""Task 3: a desk for as long as a client is connected."""

from __future__ import annotations

import asyncio

from ....display.events import STATE
from ...context import CheckContext
from ...expectations import expect_refusal_before_accept
from ...failures import CheckFailed
from ...registry import task
from ...retries import eventually
from ...rules import (
    Rule,
    both,
    has_status,
    is_lost,
    is_nothing,
    is_server_error,
    is_text,
    neither,
    text_ends_with,
    text_is,
)
from ...scripted_client import ScriptedClient

DESKS = {"desk 1", "desk 2"}
DESK_PAUSES = (0.01, 0.04, 0.25)  # seconds before each attempt to take a desk that has just become free
ENDED = 0.1  # seconds in which the endpoint's exception has ended the connection
CRASHED = Rule(is_server_error, "crashed")


async def expect_quotient(context: CheckContext, client: ScriptedClient) -> str:
    """Send a random divisor, expect `<desk>: <quotient>`, and return the desk."""
    divisor = context.number(2, 20)
    await client.send(str(divisor))
    quotient = f": {100 // divisor}"
    no_desk = text_is(f"None{quotient}")
    rules = [Rule(no_desk, "no-value"), Rule(is_lost, "lost")]
    got = await client.expect_where(
        both(text_ends_with(quotient), neither(no_desk)), f"TEXT 'desk …{quotient}'", rules=rules
    )
    desk = str(got.text).removesuffix(quotient)
    if desk not in DESKS:
        context.fail("unknown-desk", who=client.name, desk=desk)
    return desk


async def expect_free_desk(context: CheckContext, name: str, other: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which a desk has just become free, and return it; it must not get `other`, which is taken.

    Raises CheckFailed with `diagnosis` where no desk is free.
    """
    rules = [Rule(has_status(403, 500), diagnosis)]
    client = await eventually(lambda: context.connect(name, rules=rules), DESK_PAUSES)
    for _ in range(2):
        if await expect_quotient(context, client) == other:
            context.fail("same-desk", desk=other)
    return client


async def raise_in_endpoint(context: CheckContext, client: ScriptedClient, payload: str | bytes) -> None:
    """Send what the endpoint raises on, and expect that the connection is lost."""
    await client.send(payload)
    context.expected.add(client.name, STATE, "CLOSED 1006 (connection lost)")
    got = await client.receive(ENDED)
    if got.nothing or got.is_message:
        await context.apply_rules([Rule(is_nothing, "goes-on"), Rule(is_text, "goes-on")], got, who=client.name)


async def end(context: CheckContext, client: ScriptedClient, way: str) -> None:
    """End the client's connection in the way that this diagnosis is about."""
    if way == "leaks-on-leave":
        await client.close()
    elif way == "leaks-on-code":
        await client.close(context.random.choice((1001, 3000, 4000)), "bye")
    elif way == "leaks-on-abort":
        await client.abort()
    elif way == "leaks-on-crash":
        await raise_in_endpoint(context, client, context.random.choice(("four", "", context.text())))
    elif way == "leaks-on-zero":
        await raise_in_endpoint(context, client, "0")
    else:
        await raise_in_endpoint(context, client, context.blob())


async def refuse_twice(context: CheckContext, name: str, diagnosis: str) -> None:
    """Expect that two clients are refused, one after the other: a refusal frees no desk."""
    crash = Rule(is_server_error, "empty-crash")
    await expect_refusal_before_accept(context, name, "/ws", diagnosis, rules=[crash])
    await expect_refusal_before_accept(context, f"{name}2", "/ws", "freed-by-refusal", rules=[crash])


@task("dependencies.3")
async def gives_desks_back(context: CheckContext) -> None:
    """Two clients have a desk each, and a third is refused with HTTP 403 before accept, and so is a fourth.

    A desk is free again within 0.3 s of a close, of a TCP reset, of a client that left before it sent anything, and of
    a text that is no number, a zero and a binary frame, on which the endpoint raises (1006).
    No desk is given back twice, and none is given to two clients, even when three come at once.
    """
    clients = [await context.connect(name, rules=[CRASHED]) for name in "AB"]
    desks = [await expect_quotient(context, client) for client in clients]
    if desks[0] == desks[1]:
        context.fail("same-desk", desk=desks[0])
    await refuse_twice(context, "C", "third-let-in")
    ways = ["leaks-on-leave", "leaks-on-abort", "leaks-on-crash", "leaks-on-zero", "leaks-on-binary", "leaks-on-code"]
    for number, way in enumerate(ways):
        who = number % 2 if number < 2 else context.random.randrange(2)
        await end(context, clients[who], way)
        clients[who] = await expect_free_desk(context, f"D{number}", desks[1 - who], way)
        await refuse_twice(context, f"E{number}", "given-back-twice")
        if await expect_quotient(context, clients[1 - who]) != desks[1 - who]:
            context.fail("changes-desk", who=clients[1 - who].name, desk=desks[1 - who])
    await arrive_at_once(context, clients)


async def arrive_at_once(context: CheckContext, clients: list[ScriptedClient]) -> None:
    """Let everybody leave, and three clients come at once: exactly one is refused with HTTP 403."""
    silent = Rule(has_status(403, 500), "leaks-in-silence")
    for client in clients:
        await client.abort()
    for leave in ("close", "abort", "close"):  # before a message was sent
        client = await eventually(lambda: context.connect("F", rules=[silent]), DESK_PAUSES)
        await getattr(client, leave)()
    await eventually(lambda: three_come(context), DESK_PAUSES)


async def three_come(context: CheckContext) -> None:
    """Connect three clients at once. Raises CheckFailed where not exactly two get a desk, and the third HTTP 403."""
    outcomes = await asyncio.gather(*(context.connect(name) for name in ("G", "H", "I")), return_exceptions=True)
    clients = [outcome for outcome in outcomes if isinstance(outcome, ScriptedClient)]
    refused = [outcome.fields.get("status") for outcome in outcomes if isinstance(outcome, CheckFailed)]
    desks = [await expect_quotient(context, client) for client in clients if len(clients) == 2]
    for client in clients:
        await client.abort()
    if len(set(desks)) != 2 or refused != [403]:
        context.fail("race", count=len(clients), statuses=", ".join(map(str, refused)) or "none")
