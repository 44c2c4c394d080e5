"""Tasks 4 and 5: a pool of sessions and a limited number of connections, which clients share."""

from __future__ import annotations

from ...context import CheckContext
from ...expectations import close_cleanly
from ...received import Received
from ...registry import task
from ...retries import PAUSES, eventually
from ...rules import Rule, either, is_accepted, is_closed, is_lost, is_nothing, is_response, is_server_error
from ...scripted_client import ScriptedClient

# Task 4: borrow, and give back

TEXTS = 9  # texts that the check has answered; each takes a session


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
    `GET /pool` then says that no session is in use and that at least nine were lent.
    A client that closes leaves no traceback.
    """
    held = Rule(either(is_nothing, is_closed, is_response), "held")
    a = await context.connect("A", rules=[Rule(is_server_error, "crashed")])
    await expect_item(context, a, Rule(is_lost, "crashed-on-text"))
    b = await context.connect("B")
    await expect_item(context, b)
    c = await context.connect("C", rules=[held])
    await expect_item(context, c, held)
    for diagnosis in ("lost-on-unknown", "never-back", "never-back"):
        await a.send(context.word())
        await a.expect("unknown", rules=[Rule(is_lost, diagnosis), Rule(is_nothing, "no-unknown")])
    for client in (a, b, c):
        await expect_item(context, client, Rule(is_no_text, "never-back"))
    state = (await context.http("GET", "/pool")).json_object
    if not state.get("lent"):
        context.fail("not-from-the-pool")
    if state["out"]:
        context.fail("still-out", out=state["out"])
    if state["lent"] < TEXTS:
        context.fail("one-for-all", lent=state["lent"])
    await close_cleanly(context, a)


# Task 5: at most two


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

    A place is free again soon after a close with 1000 and after a text on which the endpoint raises, and only one is.
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
    await expect_double(context, b)
