"""Task 4: the first message is the key."""

from __future__ import annotations

import asyncio
from typing import Any

from ...context import CheckContext
from ...failures import CheckFailed
from ...registry import task
from ...rules import (
    Predicate,
    Rule,
    either,
    has_code,
    is_closed,
    is_lost,
    is_message,
    is_nothing,
    is_refusal,
    is_server_error,
    text_is,
    text_starts_with,
)
from ...scripted_client import ScriptedClient
from .steps import any_text, shuffled

KEY = "open sesame"
PREFIX = "Message text was: "
LATE = 0.1  # seconds in which a server that sends first and closes then has closed


async def arrive(context: CheckContext, name: str, **options: Any) -> ScriptedClient:
    """Connect a client, which every answer has to accept. `options` are those of `course_app.connect`."""
    rules = [Rule(is_refusal, "refused-handshake"), Rule(is_server_error, "no-accept")]
    return await context.connect(name, rules=rules, **options)


async def come_in(client: ScriptedClient) -> None:
    """Send the key, and expect `welcome`."""
    await client.send(KEY)
    rules = [
        Rule(text_is(PREFIX + KEY), "echoed-key"),
        Rule(is_lost, "lost-after-key"),
        Rule(has_code(4001), "refused-key"),
        Rule(is_nothing, "no-welcome"),
    ]
    await client.expect("welcome", rules=rules)


async def talk(client: ScriptedClient, text: str) -> None:
    """Send a text after the key, and expect it back behind the prefix."""
    await client.send(text)
    rules = [
        Rule(text_is("welcome"), "welcomed-again"),
        Rule(text_is(text), "no-prefix"),
        Rule(text_is(PREFIX + text.strip()), "stripped"),
        Rule(has_code(4001), "every-message"),
        Rule(is_closed, "only-once"),
        Rule(is_nothing, "only-once"),
    ]
    await client.expect(PREFIX + text, rules=rules)


async def talk_in_a_burst(context: CheckContext, client: ScriptedClient) -> None:
    """Send several texts without waiting, and expect a reply to each, in order."""
    burst = [any_text(context) for _ in range(context.random.randint(30, 50))]
    for text in burst:
        await client.send(text)
    for text in burst:
        await client.expect(PREFIX + text, rules=[Rule(either(is_closed, is_nothing), "only-once")])


async def be_turned_away(client: ScriptedClient, first: str | bytes, diagnosis: str) -> None:
    """Send a first message that is not the key, and expect the close; `diagnosis` names an answer that lets it in."""
    await client.send(first)
    lets_in: Predicate = either(text_is("welcome"), text_starts_with(PREFIX))
    rules = [
        Rule(lets_in, diagnosis),
        Rule(is_message, "sent-before-close"),
        Rule(is_lost, "lost-on-binary" if isinstance(first, bytes) else "not-closed"),
        Rule(is_nothing, "waits"),
        Rule(has_code(4001), "wrong-reason"),
        Rule(is_closed, "wrong-code"),
    ]
    try:
        await client.expect_close(4001, "no key", rules=rules)
    except CheckFailed as failed:
        if failed.diagnosis == diagnosis and (await client.receive(LATE)).code == 4001:
            raise CheckFailed("sent-before-close", **failed.fields) from None
        raise


@task("handshake.4")
async def asks_for_a_key_first(context: CheckContext) -> None:
    """Every client is accepted; the key brings `welcome`, and each later text comes back behind the prefix.

    4001 `no key`: a random text, an empty one, the key in capitals, with blanks, with more, without its end, a binary
    frame with the key, an empty binary frame, a wrong text of a client that has the key in its handshake.
    Each connection has to show the key: before and after others did.
    No traceback: clients that close or abort before the key, after it, and after a text.
    """
    await be_turned_away(await arrive(context, "A"), any_text(context), "let-in")
    early, a = await arrive(context, "A"), await arrive(context, "B")
    await come_in(a)
    await talk(a, any_text(context))
    text = any_text(context)
    await talk(a, text)
    await be_turned_away(early, text, "let-in-later")
    nearly = [
        KEY.title(),
        f" {KEY}",
        f"{KEY} ",
        f"{KEY}{context.word()}",
        KEY[:-1],
        f"the {KEY}",
        "",
        f'"{KEY}"',
        f"{KEY}\n",
    ]
    firsts: list[tuple[str | bytes, str]] = [(one, "nearly-the-key") for one in shuffled(context, nearly)]
    firsts += [(one, "binary-let-in") for one in [KEY.encode(), *shuffled(context, [b"", context.blob()])]]
    elsewhere = {"query": {"key": KEY, "token": KEY}, "headers": {"X-Key": KEY}, "cookies": {"key": "open_sesame"}}
    await be_turned_away(await arrive(context, "H", **elsewhere), context.word(), "let-in")
    members = [a]
    for first, diagnosis in firsts:
        await be_turned_away(await arrive(context, "C"), first, diagnosis)
        if context.random.random() < 0.3:
            members.append(await arrive(context, "D"))
            await come_in(members[-1])
    await talk(a, KEY)
    await talk_in_a_burst(context, a)
    b, c = await asyncio.gather(arrive(context, "D"), arrive(context, "E"))
    await come_in(c)
    await be_turned_away(b, KEY[::-1], "let-in-later")
    await talk(c, "")
    await context.expect_no_traceback("traceback-after-close")
    await leave_and_look(context, [*members, c])


async def leave_and_look(context: CheckContext, members: list[ScriptedClient]) -> None:
    """Let clients leave before and after their key, with a close frame and without; expect a clean log each time.

    `members` have shown their key; two at least.
    """
    for how in ("close", "abort"):
        client = await arrive(context, "F")
        await getattr(client, how)()
        await context.expect_no_traceback("traceback-before-key")
    for number, client in enumerate(members):
        await (client.close() if number % 2 else client.abort())
    await context.expect_no_traceback("traceback-after-key")
    client = await arrive(context, "G")
    await come_in(client)
    await client.close()
    await context.expect_endpoints_ended("traceback-after-key")
