"""The check of `echo.4`: a binary frame ends its connection with 1003."""

from __future__ import annotations

from ...context import CheckContext
from ...crashes import crashes_named
from ...leaving import leave_in_every_way
from ...registry import task
from ...rules import (
    Rule,
    both,
    data_is,
    has_code,
    is_closed,
    is_closed_properly,
    is_lost,
    is_nothing,
    is_text,
    neither,
    text_contains,
)
from ...scripted_client import ScriptedClient
from .replies import expect_prefixed_replies, expect_prefixed_reply, padded_text


async def expect_refusal_of(client: ScriptedClient, data: bytes, *rules: Rule) -> None:
    """Send a binary frame, and expect a close with 1003 and nothing before it; `rules` come before the common ones."""
    await client.send(data)
    common = [
        Rule(is_lost, "lost-on-binary"),
        Rule(has_code(1000), "closed-1000"),
        Rule(data_is(data), "echoed-binary"),
        Rule(is_nothing, "ignored-binary"),
        Rule(is_text, "answered-binary"),
        Rule(is_closed, "other-code"),
    ]
    await client.expect_close(1003, rules=[*rules, *common])


async def expect_refusals_beside(context: CheckContext, other: ScriptedClient) -> None:
    """Expect 1003 for an empty binary frame, for bytes that are UTF-8, and for a long one; `other` is served on."""
    frames = [b"", context.text().encode(), context.blob(3000)]
    texts_before = [0, 1, context.number(4, 8)]
    context.random.shuffle(frames)
    context.random.shuffle(texts_before)
    for name, data, count in zip("CDE", frames, texts_before, strict=True):
        client = await context.connect(name)
        await expect_prefixed_replies(client, [context.text() for _ in range(count)])
        text = data.decode(errors="replace")
        rules = [Rule(both(is_text, text_contains(text)), "decoded-binary")]
        await expect_refusal_of(client, data, *(rules if data else [Rule(neither(is_closed_properly), "empty-binary")]))
        await expect_prefixed_reply(other, context.text(), Rule(is_closed, "closed-the-other"))


@task("echo.4")
async def closes_on_binary(context: CheckContext) -> None:
    """Each binary frame closes its own connection with 1003, and nothing else comes; texts are answered as before.

    The frames: any bytes, none, and bytes that are UTF-8; as the first message and after others.
    Another client is served on, an empty text included. Whoever leaves, however, leaves no traceback.
    """
    async with crashes_named(context):
        a = await context.connect("A")
        await expect_prefixed_reply(a, context.text())
        await expect_prefixed_reply(a, padded_text(context), Rule(is_closed, "only-once"))
        await expect_refusal_of(a, context.blob() + b"\xff")
        await context.expect_endpoints_ended("went-on")
        b = await context.connect("B")
        empty = (
            Rule(has_code(1003), "refused-empty"),
            Rule(is_closed, "refused-empty"),
            Rule(is_nothing, "ignored-empty"),
        )
        await expect_prefixed_reply(b, "", *empty)
        await expect_refusals_beside(context, b)
        await expect_prefixed_replies(b, [context.text(), "", context.text()], Rule(is_closed, "closed-the-other"))
        others = [await context.connect(name) for name in "FGH"]
        await leave_in_every_way(context, [b, *others])
        await context.expect_endpoints_ended("not-caught")
