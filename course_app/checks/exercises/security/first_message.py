"""Task 4: the first message says who is behind a connection."""

from __future__ import annotations

import asyncio
import time

from ...context import CheckContext
from ...expectations import close_cleanly
from ...failures import CheckFailed
from ...registry import task
from ...retries import MachineBusy, while_busy
from ...rules import (
    Rule,
    is_closed,
    is_lost,
    is_nothing,
    is_refusal,
    is_text,
    text_starts_with,
)
from ...scripted_client import ScriptedClient

TOKENS = {"ada": "t-4711", "bob": "t-0815"}
TIME_LIMIT = 0.4  # seconds for the first message; the exercise says so
EARLIEST = 0.38  # seconds before which nobody may be closed for saying nothing
LATEST = 0.6  # seconds after which whoever says nothing has to be closed, on a machine that is not busy
THOUGHT = 0.85  # seconds for which a client that has signed in stays connected
ATTEMPTS = 5  # how often a busy machine may make us connect again


async def expect_named_echo(context: CheckContext, client: ScriptedClient, user: str, *rules: Rule) -> None:
    """Send a random text, and expect `<user>: <text>`."""
    text = context.text()
    await client.send(text)
    await client.expect(f"{user}: {text}", rules=rules)


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
    other = next(one for one in TOKENS if one != user)
    rules = [Rule(is_closed, "token-refused"), Rule(text_starts_with(f"hello {other}"), "wrong-user")]
    await client.expect(f"hello {user}", rules=rules)
    return client


async def expect_unknown(context: CheckContext, name: str, payload: str | bytes) -> None:
    """Send a first message that is no known token, and expect close code 4401."""
    client = await send_first(context, name, payload)
    lost = "lost-on-binary" if isinstance(payload, bytes) else "lost-on-unknown"
    rules = [Rule(is_lost, lost), Rule(is_text, "let-in-unknown"), Rule(is_closed, "other-code")]
    await client.expect_close(4401, rules=rules)


def unknown_messages(context: CheckContext) -> list[str | bytes]:
    """Return first messages that are no known token, in random order; some are like one."""
    ada = TOKENS["ada"]
    messages: list[str | bytes] = [
        f"t-{context.number()}x",
        context.text(),
        "",
        ada.upper(),
        f" {ada}",
        f"{ada} ",
        ada[:-1],
        f"{ada}0",
        ada.removeprefix("t-"),
        "ada",
        f'"{ada}"',
        "t-4711 t-0815",
        ada.encode(),
        context.blob(),
        b"",
    ]
    context.random.shuffle(messages)
    return messages


async def connect_silent(context: CheckContext) -> tuple[ScriptedClient, float]:
    """Connect a client that will say nothing, and return it with the moment before."""
    began = time.monotonic()
    return await context.connect("A", rules=[Rule(is_refusal, "refused")]), began


async def expect_closed_in_time(context: CheckContext, client: ScriptedClient, began: float) -> None:
    """Expect close code 4408 after 0.4 s. Raises MachineBusy where it came late."""
    rules = [
        Rule(is_nothing, "never-times-out"),
        Rule(is_lost, "lost-on-time-out"),
        Rule(is_text, "spoke-first"),
        Rule(is_closed, "other-code"),
    ]
    await client.expect_close(4408, rules=rules)
    seconds = time.monotonic() - began
    if seconds < EARLIEST:
        context.fail("too-early", who="A")
    if seconds > LATEST:
        raise MachineBusy from CheckFailed("too-late", who="A", seconds=round(seconds, 1))


async def expect_each_refused(context: CheckContext) -> None:
    """Expect close code 4401 for each unknown first message, all clients at once in random order; fail as one does."""
    messages = unknown_messages(context)
    messages.sort(key=lambda message: isinstance(message, bytes))  # so that a text names the mistake first
    names = [f"S{number}" for number in context.random.sample(range(len(messages)), len(messages))]
    plays = [expect_unknown(context, name, message) for name, message in zip(names, messages, strict=True)]
    starts = context.random.sample(range(len(plays)), len(plays))
    tasks: dict[int, asyncio.Task[None]] = {place: asyncio.create_task(plays[place]) for place in starts}
    outcomes = await asyncio.gather(*(tasks[place] for place in range(len(plays))), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


@task("security.4")
async def asks_for_a_token_first(context: CheckContext) -> None:
    """A known token as the first message is greeted, and each text after it comes back with the user's name in front.

    Two users, one of them twice, keep their own names, and stay though they say nothing for 0.85 s; a token or an empty
    text later on is a text like any other.
    4401 closes a text that is no known token, some of them like one, and a binary frame, the bytes of a token too.
    4408 closes a client that says nothing, after 0.38 to 0.6 s. A client that closes before or after it has signed in
    leaves no traceback.
    """
    began = time.monotonic()
    silent = asyncio.create_task(expect_closed_in_time(context, *await connect_silent(context)))
    try:
        signed_in = await sign_in_three(context)
        await expect_each_refused(context)
        await close_cleanly(context, await context.connect("E"))
    except BaseException:
        silent.cancel()
        await asyncio.wait([silent])
        raise
    try:
        await silent
    except MachineBusy:
        await while_busy(lambda: expect_closed_in_time_again(context), ATTEMPTS)
    await asyncio.sleep(max(0.0, began + THOUGHT - time.monotonic()))
    for client, user in signed_in:
        for text in (TOKENS["ada"], "", context.text()):
            await client.send(text)
            await client.expect(f"{user}: {text}", rules=[Rule(is_closed, "timed-out-inside")])
    await close_cleanly(context, signed_in[0][0])


async def expect_closed_in_time_again(context: CheckContext) -> None:
    """Connect a client that says nothing, and expect close code 4408 after 0.4 s. Raises MachineBusy."""
    await expect_closed_in_time(context, *await connect_silent(context))


async def sign_in_three(context: CheckContext) -> list[tuple[ScriptedClient, str]]:
    """Sign in both users, one of them twice, and return the clients with their users; each has had two answers."""
    users = ["ada", "bob", context.random.choice(["ada", "bob"])]
    context.random.shuffle(users)
    signed_in = [(await sign_in(context, name, user), user) for name, user in zip("BCD", users, strict=True)]
    for client, user in signed_in * 2:
        other = next(one for one in TOKENS if one != user)
        await expect_named_echo(context, client, user, Rule(text_starts_with(other), "wrong-user"))
    return signed_in
