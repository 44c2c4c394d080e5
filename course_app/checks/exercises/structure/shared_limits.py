"""Tasks 4 and 5: a pool of sessions and a limited number of connections, which clients share."""

from __future__ import annotations

import asyncio
import time

from ...context import CheckContext
from ...expectations import close_cleanly
from ...received import Received
from ...registry import task
from ...retries import PAUSES, eventually
from ...rules import Rule, either, is_accepted, is_closed, is_lost, is_nothing, is_response, is_server_error, is_text
from ...scripted_client import ScriptedClient

# Task 4: borrow, and give back

TEXTS = 33  # texts that the check has answered; each takes a session


async def expect_item(context: CheckContext, client: ScriptedClient, *rules: Rule) -> None:
    """Send a random number, and expect `item <number>`."""
    number = context.number()
    await client.send(str(number))
    await client.expect(f"item {number}", rules=rules)


def is_no_text(got: Received) -> bool:
    """Tell whether anything but a text with something in it came."""
    return not got.text


@task("structure.4")
async def borrows_a_session_per_text(context: CheckContext) -> None:
    """Three clients are connected at once, and each text is answered with the item that a session of the pool finds.

    An unknown item is answered with `unknown`, as often as there are sessions and once more: each is given back.
    Clients ask several things at once, and almost numbers too.
    `GET /pool` then says that no session is in use and that one was lent for each text.
    A client that closes leaves no traceback.
    """
    held = Rule(either(is_nothing, is_closed, is_response), "held")
    a = await context.connect("A", rules=[Rule(is_server_error, "crashed")])
    await expect_item(context, a, Rule(is_lost, "crashed-on-text"))
    b = await context.connect("B")
    await expect_item(context, b)
    c = await context.connect("C", rules=[held])
    await expect_item(context, c, held)
    for text, lost in ((context.text(), "lost-on-unknown"), (context.text(), "never-back"), ("", "never-back")):
        await a.send(text)
        await a.expect("unknown", rules=[Rule(is_lost, lost), Rule(is_nothing, "no-unknown" if text else "not-each")])
    for client in (a, b, c):
        await expect_item(context, client, Rule(is_no_text, "never-back"))
    await asyncio.gather(*(expect_at_once(context, client) for client in (a, b, c)))
    state = (await context.http("GET", "/pool")).json_object
    if not state.get("lent"):
        context.fail("not-from-the-pool")
    if state["out"]:
        context.fail("still-out", out=state["out"])
    if state["lent"] < TEXTS:
        context.fail("one-for-all", lent=state["lent"], texts=TEXTS)
    await b.abort()
    await c.close()
    await close_cleanly(context, a)
    await context.expect_endpoints_ended("not-caught")


async def expect_at_once(context: CheckContext, client: ScriptedClient) -> None:
    """Send numbers and other texts at once, some of which are almost numbers, and expect the answer to each."""
    number = context.number()
    asked = [f"{number}", "", f" {number}", f"00{number}", f"{number} ", f"-{number}", f"{number}.0", context.text()]
    context.random.shuffle(asked)
    for text in asked:
        await client.send(text)
    for text in asked:
        rules = [Rule(is_lost, "lost-on-unknown"), Rule(is_nothing, "not-each"), Rule(is_text, "not-as-it-is")]
        await client.expect(f"item {text}" if text.isdecimal() else "unknown", rules=rules)


# Task 5: at most two

MOST = 2  # clients that may be inside


async def expect_double(context: CheckContext, client: ScriptedClient) -> None:
    """Send a random number, and expect twice that."""
    number = context.number()
    await client.send(str(number))
    await client.expect(str(2 * number))


async def expect_free_place(context: CheckContext, name: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which a place has just become free."""
    return await eventually(lambda: context.connect(name, rules=[Rule(is_response, diagnosis)]), PAUSES)


async def expect_full(context: CheckContext, name: str) -> None:
    """Expect the handshake of a third client to be refused with HTTP 403."""
    rules = [Rule(is_server_error, "no-close"), Rule(is_nothing, "no-close"), Rule(is_accepted, "third-in")]
    await context.expect_refusal(name, rules=rules)


async def expect_http_passes(context: CheckContext) -> None:
    """Expect `GET /` to be answered with HTTP 200."""
    await context.http("GET", "/", rules=[Rule(is_response, "http-refused")])


@task("structure.5")
async def limits_connections_in_a_middleware(context: CheckContext) -> None:
    """Two clients are served, and a third is refused with HTTP 403; HTTP requests pass before and after that.

    A place is free again soon after a close with 1000 or 4000, a TCP reset, a text on which the endpoint raises, and a
    handshake that the app itself refused; and only one is. Of several that come at once, two get in.
    """
    await expect_http_passes(context)
    a = await context.connect("A", rules=[Rule(is_response, "nobody-in")])
    b = await context.connect("B", rules=[Rule(is_response, "second-refused")])
    await expect_double(context, a)
    await expect_double(context, b)
    await expect_full(context, "C")
    await expect_http_passes(context)
    await expect_full(context, "D")
    await a.close()
    e = await expect_free_place(context, "E", "never-free")
    await expect_full(context, "F")
    await e.send(context.word())
    await e.receive()
    g = await expect_free_place(context, "G", "leaks-on-crash")
    await expect_double(context, g)
    await expect_full(context, "H")
    await g.abort()
    i = await expect_free_place(context, "I", "never-free")
    await expect_full(context, "J")
    await expect_double(context, b)
    await b.close(4000)
    await i.send(context.blob())
    k = await expect_free_place(context, "K", "never-free")
    await expect_free_place(context, "L", "leaks-on-crash")
    await expect_full(context, "M")
    await expect_http_passes(context)
    await expect_double(context, k)
    for client in context.clients:
        await client.abort_if_open()
    await expect_two_of_many(context, "never-free")
    for client in context.clients:
        await client.abort_if_open()
    await all_gone(context)
    for number in range(3):
        await context.expect_refusal(f"Lost {number}", "/nowhere", rules=[Rule(is_server_error, "no-close")])
    await expect_two_of_many(context, "leaks-on-refusal")


async def all_gone(context: CheckContext) -> None:
    """Wait until the server serves nobody, or the backend's patience has ended."""
    deadline = time.monotonic() + context.patience
    while await context.backend.running() and time.monotonic() < deadline:
        await asyncio.sleep(0.002)


async def expect_two_of_many(context: CheckContext, leak: str) -> None:
    """Connect five clients at the same time once all places are free, and expect two to get in.

    `leak` is the diagnosis where fewer do.
    """
    await all_gone(context)
    clients = [ScriptedClient(context, f"N{number}", "/ws") for number in range(5)]
    context.clients.extend(clients)
    found = await asyncio.gather(*(client.try_connect({}) for client in clients))
    inside = [client for client in clients if client.is_accepted]
    if len(inside) > MOST:
        context.fail("third-in", who=inside[MOST].name)
    refused = next(got for got in found if not got.accepted)
    if len(inside) < MOST:
        await context.fail_for(refused, leak, who=next(client.name for client in clients if not client.is_accepted))
    for client, got in zip(clients, found, strict=True):
        if not got.accepted and got.status != 403:
            await context.fail_for(got, "no-close", who=client.name)
    await asyncio.gather(*(expect_double(context, client) for client in inside))
