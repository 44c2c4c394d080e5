"""The check of `messages.2`: bytes in, bytes out."""

from __future__ import annotations

from ...context import CheckContext
from ...crashes import crashes_named
from ...leaving import leave_in_every_way
from ...registry import task
from ...rules import (
    Rule,
    data_is,
    has_code,
    is_binary,
    is_closed,
    is_closed_properly,
    is_lost,
    is_message,
    is_nothing,
    is_text,
    neither,
)
from ...scripted_client import ScriptedClient

LIFELONG = 60  # messages of one connection


async def expect_same_bytes(client: ScriptedClient, messages: list[bytes], *rules: Rule) -> None:
    """Send binary messages before anything is read, and expect the same bytes back; `rules` come first."""
    for data in messages:
        await client.send(data)
    for data in messages:
        common = [
            Rule(is_text, "sent-as-text"),
            Rule(is_binary, "other-bytes"),
            Rule(is_lost, "lost-on-binary"),
        ]
        await client.expect(data, rules=[*rules, *common])


def odd_messages(context: CheckContext) -> list[bytes]:
    """Return bytes that are no UTF-8, a zero byte, all bytes there are, text, JSON, blanks, and a long message."""
    messages = [
        context.blob() + b"\xff",
        b"\x00",
        bytes(range(256)),
        context.text().encode(),
        b'  {"result": 1} \r\n',
        context.blob(70_000),
    ]
    context.random.shuffle(messages)
    return messages


async def expect_text_refused(client: ScriptedClient, text: str, *rules: Rule) -> None:
    """Send a text, and expect a close with 1003 and nothing before it; `rules` come before the common ones."""
    await client.send(text)
    await client.expect_close(
        1003,
        rules=[
            *rules,
            Rule(is_lost, "lost-on-text"),
            Rule(has_code(1000), "closed-1000"),
            Rule(is_nothing, "ignored-text"),
            Rule(data_is(text.encode()), "echoed-text"),
            Rule(is_message, "answered-text"),
            Rule(is_closed, "other-code"),
        ],
    )


@task("messages.2")
async def mirrors_bytes(context: CheckContext) -> None:
    """Binary messages come back as they are: empty ones, long ones, those that are no UTF-8, and many at once.

    Each text, empty or not, closes its own connection with 1003, and nothing else comes.
    Another client is served on. Whoever leaves, however, leaves no traceback.
    """
    async with crashes_named(context):
        a = await context.connect("A")
        await expect_same_bytes(a, [context.blob() + b"\xff"])
        await expect_same_bytes(
            a, [context.blob() + b"\x00"], Rule(is_closed, "only-once"), Rule(is_nothing, "only-once")
        )
        await expect_same_bytes(a, [b""], Rule(is_closed, "refused-empty"), Rule(is_nothing, "ignored-empty"))
        await expect_text_refused(a, context.text())
        await context.expect_endpoints_ended("went-on")
        b = await context.connect("B")
        await expect_same_bytes(b, odd_messages(context))
        for name, text in (("C", ""), ("D", context.text())):
            client = await context.connect(name)
            await expect_text_refused(
                client, text, *(() if text else (Rule(neither(is_closed_properly), "empty-text"),))
            )
            await expect_same_bytes(b, [context.blob()], Rule(is_closed, "closed-the-other"))
        await expect_same_bytes(b, [context.blob() for _ in range(LIFELONG)], Rule(is_closed, "stopped-later"))
        others = [await context.connect(name) for name in "EFG"]
        await leave_in_every_way(context, [b, *others])
        await context.expect_endpoints_ended("not-caught")
