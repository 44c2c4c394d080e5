"""The check of `messages.4`: a limit in bytes, with the right close code."""

from __future__ import annotations

from ...context import CheckContext
from ...crashes import crashes_named
from ...leaving import leave_in_every_way
from ...registry import task
from ...rules import Rule, is_closed, is_lost, is_message, is_nothing, text_is
from ...scripted_client import ScriptedClient

LIMIT = 100  # bytes of UTF-8, as the task asks
LIFELONG = 60  # messages of one connection


def padded(context: CheckContext, text: str, size: int) -> str:
    """Return `text` with ASCII letters behind it, `size` bytes of UTF-8 in all."""
    missing = size - len(text.encode())
    return text + (context.word() * (missing // 8 + 1))[:missing]


def ascii_text(context: CheckContext, size: int) -> str:
    """Return a text of `size` letters, each of which is one byte."""
    return padded(context, "", size)


def wide_text(context: CheckContext, size: int) -> str:
    """Return a text of `size` bytes that has 30 characters fewer, each `é` being two bytes."""
    return padded(context, "é" * 30, size)


def odd_texts(context: CheckContext, size: int) -> list[str]:
    """Return texts of `size` bytes: of four-byte and three-byte characters, with escapes of JSON, with blanks."""
    texts = [
        padded(context, "🦉" * 20, size),
        padded(context, "日本" * 15, size),
        padded(context, '"\\\n\t{}' * 6, size),
        "  " + padded(context, " ", size - 4) + " \n",
        padded(context, context.text()[:20], size),
    ]
    context.random.shuffle(texts)
    return texts


async def expect_same_text(client: ScriptedClient, text: str, *rules: Rule) -> None:
    """Send a text, and expect it back; `rules` come before the common ones."""
    await client.send(text)
    await client.expect(
        text,
        rules=[
            *rules,
            Rule(lambda got: got.text is not None and got.text.strip() == text.strip(), "text-changed"),
            Rule(lambda got: bool(got.text) and (got.text or text) in text, "cut-short"),
        ],
    )


async def expect_too_big(client: ScriptedClient, text: str, echoed: str) -> None:
    """Send a text over the limit, and expect close code 1009; `echoed` names that it came back."""
    await client.send(text)
    await client.expect_close(
        1009,
        rules=[
            Rule(is_lost, "lost-on-big"),
            Rule(text_is(text), echoed),
            Rule(lambda got: bool(got.text) and text.startswith(got.text or text), "cut-off"),
            Rule(is_message, "answered-big"),
            Rule(is_nothing, "ignored-big"),
            Rule(is_closed, "other-code"),
        ],
    )


async def expect_limits_beside(context: CheckContext, other: ScriptedClient) -> None:
    """Expect each text of 101 bytes and more to end its own connection; `other` is served on."""
    texts = [(text, "measured-otherwise") for text in odd_texts(context, LIMIT + 1)]
    texts += [(wide_text(context, LIMIT + 1), "counted-characters"), ("é" * LIMIT, "counted-characters")]
    texts += [(ascii_text(context, size), "echoed-too-big") for size in (LIMIT + 1, 4_000, 70_000)]
    context.random.shuffle(texts)
    for text, echoed in texts:
        client = await context.connect("D")
        if context.random.random() < 0.5:
            await expect_same_text(client, context.word())
        await expect_too_big(client, text, echoed)
        await expect_same_text(other, context.word(), Rule(is_closed, "closed-the-other"))


@task("messages.4")
async def limits_the_size(context: CheckContext) -> None:
    """Texts of at most 100 bytes in UTF-8 come back unchanged; a longer one closes its connection with 1009.

    The limit is met with characters of one to four bytes, with escapes and with blanks, from below and from above, as
    the first message and after others. Each text is measured on its own.
    Another client is served on. Whoever leaves, however, leaves no traceback.
    """
    async with crashes_named(context):
        a = await context.connect("A")
        refused = Rule(is_closed, "refused-the-limit")
        await expect_same_text(a, context.word(), Rule(is_lost, "lost"))
        await expect_same_text(a, context.word(), Rule(is_closed, "only-once"), Rule(is_nothing, "only-once"))
        await expect_same_text(a, ascii_text(context, LIMIT), refused)
        await expect_same_text(a, wide_text(context, LIMIT), refused)
        await expect_same_text(a, "", Rule(is_closed, "refused-empty"), Rule(is_nothing, "ignored-empty"))
        await expect_too_big(a, ascii_text(context, context.number(LIMIT + 1, 200)), "echoed-too-big")
        b = await context.connect("B")
        await expect_too_big(b, wide_text(context, LIMIT + 1), "counted-characters")
        await context.expect_endpoints_ended("went-on")
        c = await context.connect("C")
        for text in odd_texts(context, LIMIT):
            await expect_same_text(c, text, Rule(is_closed, "measured-too-much"))
        await expect_limits_beside(context, c)
        texts = [ascii_text(context, context.number(1, LIMIT)) for _ in range(LIFELONG)]
        for text in texts:
            await c.send(text)
        for text in texts:
            await c.expect(text, rules=[Rule(is_closed, "stopped-later"), Rule(is_nothing, "stopped-later")])
        others = [await context.connect(name) for name in "EFG"]
        await leave_in_every_way(context, [c, *others])
        await context.expect_endpoints_ended("not-caught")
