"""Tasks 4 and 5: who is behind a connection, and how many connections they have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from ...context import CheckContext
from ...expectations import close_cleanly
from ...registry import task
from ...retries import diagnosed, eventually
from ...rules import (
    Rule,
    has_code,
    is_closed,
    is_closed_properly,
    is_lost,
    is_nothing,
    is_refusal,
    is_text,
    text_starts_with,
)
from ...scripted_client import ScriptedClient


async def expect_named_echo(context: CheckContext, client: ScriptedClient, user: str, *rules: Rule) -> None:
    """Send a random word, and expect `<user>: <word>`."""
    word = context.word()
    await client.send(word)
    await client.expect(f"{user}: {word}", rules=rules)


# Task 4: the first message says who

TOKENS = {"ada": "t-4711", "bob": "t-0815"}
TIME_LIMIT = 0.4  # seconds for the first message; the exercise says so
EARLIEST = 0.24  # seconds before which nobody may be closed for saying nothing
LATER = 0.1  # seconds to wait so that a client that has signed in has been connected for longer than the limit
ATTEMPTS = 5  # how often a busy machine may make us connect again


async def send_first(context: CheckContext, name: str, payload: str | bytes) -> ScriptedClient:
    """Connect and send a first message, again where this machine takes half of the time limit for that."""
    for _ in range(ATTEMPTS - 1):
        began = time.monotonic()
        client = await context.connect(name)
        await client.send(payload)
        if time.monotonic() - began < TIME_LIMIT / 2:
            return client
        await client.close()
    client = await context.connect(name)
    await client.send(payload)
    return client


async def sign_in(context: CheckContext, name: str, user: str) -> ScriptedClient:
    """Connect, send the user's token, and expect the greeting."""
    client = await send_first(context, name, TOKENS[user])
    await client.expect(f"hello {user}", rules=[Rule(is_closed_properly, "token-refused")])
    return client


async def expect_unknown(context: CheckContext, name: str, payload: str | bytes, lost: str) -> None:
    """Send a first message that is no known token, and expect close code 4401; `lost` names a lost connection."""
    client = await send_first(context, name, payload)
    rules = [Rule(is_lost, lost), Rule(is_text, "let-in-unknown"), Rule(is_closed, "other-code")]
    await client.expect_close(4401, rules=rules)


@task("security.4")
async def asks_for_a_token_first(context: CheckContext) -> None:
    """A known token as the first message is greeted, and each text after it comes back with the user's name in front.

    Two users at once keep their own names, and stay though they say nothing for longer than 0.4 s.
    4401 closes an unknown token, an empty text and a binary frame; 4408 closes a client that has said nothing for
    0.4 s, not before 0.24 s. A client that closes before or after it has signed in leaves no traceback.
    """
    sends_nothing, began = await context.connect("A", rules=[Rule(is_refusal, "refused")]), time.monotonic()
    bob = await sign_in(context, "B", "bob")
    await expect_named_echo(context, bob, "bob")
    ada = await sign_in(context, "C", "ada")
    await expect_named_echo(context, ada, "ada", Rule(text_starts_with("bob"), "wrong-user"))
    first_messages: Sequence[tuple[str, str | bytes, str]] = [
        ("D", f"t-{context.number()}", "lost-on-unknown"),
        ("E", "", "lost-on-unknown"),
        ("F", context.blob(), "lost-on-binary"),
    ]
    for name, payload, lost in first_messages:
        await expect_unknown(context, name, payload, lost)
    await close_cleanly(context, await context.connect("G"))
    await sends_nothing.expect_close(
        4408,
        rules=[
            Rule(is_nothing, "never-times-out"),
            Rule(is_lost, "lost-on-time-out"),
            Rule(is_text, "spoke-first"),
            Rule(is_closed, "other-code"),
        ],
    )
    if time.monotonic() - began < EARLIEST:
        context.fail("too-early", who="A")
    await asyncio.sleep(LATER)
    for client, user in ((ada, "ada"), (bob, "bob")):
        await expect_named_echo(context, client, user, Rule(is_closed, "timed-out-inside"))
    await close_cleanly(context, bob)


# Task 5: two connections at a time

PLACE_PAUSES = (0.02, 0.3)  # seconds before each attempt to connect where a place has just become free
ENDED = 0.2  # seconds in which an answer may end a connection on which a binary frame came


async def expect_place(context: CheckContext, name: str, user: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which there is a place, and expect an answer to a text."""
    client = await context.connect(name, f"/ws?user={user}", rules=[Rule(is_refusal, diagnosis)])
    await expect_named_echo(context, client, user, Rule(has_code(1013), diagnosis))
    return client


async def expect_freed_place(context: CheckContext, name: str, user: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which a place has just become free, and expect an answer to a text."""
    return await eventually(lambda: expect_place(context, name, user, diagnosis), PLACE_PAUSES, diagnosed(diagnosis))


async def expect_no_place(context: CheckContext, name: str, user: str, diagnosis: str) -> None:
    """Connect a third client, send a text, and expect close code 1013; `diagnosis` names that it was answered."""
    client = await context.connect(name, f"/ws?user={user}", rules=[Rule(is_refusal, "refused-before")])
    await client.send(context.word())
    rules = [Rule(is_text, diagnosis), Rule(is_lost, "lost-third"), Rule(is_closed, "other-code")]
    await client.expect_close(1013, rules=rules)


@task("security.5")
async def limits_connections_of_a_user(context: CheckContext) -> None:
    """Two connections of a user are answered; a third is accepted and closed with 1013, and takes no place.

    Another user is not affected. A place is free within 0.3 s of a close with 1000, of a TCP reset and of a binary
    frame, and only one is.
    """
    ada, bob = context.word(), context.word()
    a = await expect_place(context, "A", ada, "no-place")
    b = await expect_place(context, "B", ada, "only-one")
    await expect_no_place(context, "C", ada, "third-let-in")
    await expect_named_echo(context, a, ada, Rule(is_closed, "kicked"))
    await expect_no_place(context, "D", ada, "refused-frees")
    await expect_place(context, "E", bob, "counts-all")
    await a.close()
    f = await expect_freed_place(context, "F", ada, "leaks-on-leave")
    await b.abort()
    await expect_freed_place(context, "G", ada, "leaks-on-abort")
    await f.send(context.blob())
    if not (await f.receive(ENDED)).closed:
        await f.close()
    await expect_freed_place(context, "H", ada, "leaks-on-crash")
    await expect_no_place(context, "I", ada, "freed-twice")
