"""Task 5: how many connections a user may have at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ...context import CheckContext
from ...registry import task
from ...retries import diagnosed, eventually
from ...rules import Rule, has_code, is_closed, is_lost, is_nothing, is_refusal, is_text
from ...scripted_client import ScriptedClient
from .first_message import expect_named_echo

PLACE_PAUSES = (0.02, 0.3)  # seconds before each attempt to connect where a place has just become free
ENDED = 0.2  # seconds in which an answer may end a connection on which a binary frame came


async def connect_as(context: CheckContext, name: str, user: str, diagnosis: str) -> ScriptedClient:
    """Connect a client of that user; `diagnosis` names a refused handshake."""
    return await context.connect(name, "/ws", query={"user": user}, rules=[Rule(is_refusal, diagnosis)])


async def expect_place(context: CheckContext, name: str, user: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which there is a place, and expect an answer to a text."""
    client = await connect_as(context, name, user, diagnosis)
    await expect_named_echo(context, client, user, Rule(has_code(1013), diagnosis))
    return client


async def expect_freed_place(context: CheckContext, name: str, user: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which a place has just become free, and expect an answer to a text."""
    return await eventually(lambda: expect_place(context, name, user, diagnosis), PLACE_PAUSES, diagnosed(diagnosis))


async def expect_no_place(context: CheckContext, name: str, user: str, diagnosis: str, says: bool = True) -> None:
    """Connect a third client, and expect close code 1013; `diagnosis` names that it was answered.

    `says` tells whether it sends a text, so that an answer that lets it in says so.
    """
    client = await connect_as(context, name, user, "refused-before")
    if says:
        await client.send(context.word())
    rules = [
        Rule(is_text, diagnosis),
        Rule(is_nothing, "third-left-waiting"),
        Rule(is_lost, "lost-third"),
        Rule(is_closed, "other-code"),
    ]
    await client.expect_close(1013, rules=rules)


async def send_binary(context: CheckContext, client: ScriptedClient) -> None:
    """Send a binary frame, which may end the connection, and end it where it does not."""
    await client.send(context.blob())
    if not (await client.receive(ENDED)).closed:
        await client.close()


async def expect_places_given_back(context: CheckContext, user: str, first: ScriptedClient) -> None:
    """End one of the user's two connections in every way, and expect each time that one place is free.

    A client may also go without a word, with another close code, or after an empty text.
    """
    ends: list[tuple[str, Callable[[ScriptedClient], Awaitable[None]]]] = [
        ("leaks-on-leave", lambda client: client.close()),
        ("leaks-on-abort", lambda client: client.abort()),
        ("leaks-on-leave", lambda client: client.close(context.random.choice([1001, 4000, 3001]))),
        ("leaks-on-crash", lambda client: send_binary(context, client)),
    ]
    client = first
    for number, (diagnosis, end) in enumerate(ends):
        await end(client)
        client = await expect_freed_place(context, f"F{number}", user, diagnosis)
        await client.send("")
        await client.expect(f"{user}: ", rules=[Rule(is_closed, "closed-on-empty")])
    await client.close()
    silent = await connect_as(context, "H", user, "no-place")
    await asyncio.sleep(PLACE_PAUSES[0])
    await silent.close()
    await expect_freed_place(context, "I", user, "leaks-on-leave")
    await expect_no_place(context, "J", user, "freed-twice")


async def expect_two_of_four(context: CheckContext, user: str) -> None:
    """Let four clients of a new user come at once, and expect that two are answered and two closed with 1013."""
    clients = await asyncio.gather(*(connect_as(context, f"N{number}", user, "no-place") for number in range(4)))
    for client in clients:
        await client.send("hi")
    got = [await client.receive() for client in clients]
    answered = sum(one.text == f"{user}: hi" for one in got)
    if answered != 2 or sum(one.code == 1013 for one in got) != 2:
        context.fail("four-at-once", answered=answered, got=", ".join(map(str, got)))


@task("security.5")
async def limits_connections_of_a_user(context: CheckContext) -> None:
    """Two connections of a user are answered; a third is accepted and closed with 1013, and takes no place.

    Another user is not affected, one whose name differs in capitals alone either. Of four clients at once two stay.
    A place is free within 0.3 s of a close with 1000 and other codes, of a TCP reset and of a binary frame, whether the
    client had said something or not, and only one is.
    """
    ada = context.name()
    a = await expect_place(context, "A", ada, "no-place")
    b = await expect_place(context, "B", ada, "only-one")
    await expect_no_place(context, "C", ada, "third-let-in")
    for client in (a, b):
        await expect_named_echo(context, client, ada, Rule(is_closed, "kicked"))
    await expect_no_place(context, "D", ada, "refused-frees")
    await expect_place(context, "E", context.name(), "counts-all")
    await expect_place(context, "F", ada.swapcase(), "counts-all")
    await expect_no_place(context, "G", ada, "refused-frees", says=False)
    await expect_places_given_back(context, ada, b)
    await expect_named_echo(context, a, ada, Rule(is_closed, "kicked"))
    await expect_two_of_four(context, context.name())
