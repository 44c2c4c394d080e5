"""Checks of the exercise `echo`: the echo socket."""

from __future__ import annotations

from ..context import CheckContext
from ..received import Received
from ..registry import task
from ..rules import (
    Predicate,
    Rule,
    both,
    data_is,
    has_code,
    has_status,
    is_closed,
    is_lost,
    is_nothing,
    is_text,
    text_contains,
    text_is,
    text_starts_with,
    when,
)
from ..scripted_client import ScriptedClient

PREFIX = "Message text was: "


def text_is_almost(text: str) -> Predicate:
    """Return a predicate for a text that differs from `text` in capitals and surrounding blanks only."""
    return lambda got: got.text is not None and got.text.lower().strip() == text.lower()


def reply_rules(word: str) -> list[Rule]:
    """Return the rules for what learners send instead of `Message text was: <word>`."""
    return [
        Rule(text_is(word), "no-prefix"),
        Rule(text_is_almost(PREFIX + word), "almost"),
        Rule(text_contains("{"), "no-f-string"),
        Rule(text_contains(word), "other-words"),
        Rule(is_text, "constant"),
    ]


async def expect_prefixed_reply(client: ScriptedClient, word: str, *rules: Rule) -> None:
    """Send `word`, and expect it back behind the prefix; `rules` come before the common ones."""
    await client.send(word)
    await client.expect(PREFIX + word, rules=[*rules, *reply_rules(word)])


@task("echo.1")
async def answers_one_message(context: CheckContext) -> None:
    """One random text from each of two clients, one after the other, comes back with the prefix.

    Not tested: that the endpoint closes with 1000 afterwards.
    """
    a = await context.connect("A", rules=[Rule(has_status(500), "no-accept")])
    await expect_prefixed_reply(a, context.word(), Rule(is_lost, "returned-early"))
    b = await context.connect("B")
    await expect_prefixed_reply(b, context.word())


@task("echo.2")
async def answers_every_message(context: CheckContext) -> None:
    """Three texts in a row are answered, and a second client at the same time gets replies of its own."""
    a = await context.connect("A")
    await expect_prefixed_reply(a, context.word())
    for _ in range(2):
        await expect_prefixed_reply(
            a, context.word(), Rule(is_closed, "only-once"), Rule(is_nothing, "stopped-answering")
        )
    b = await context.connect("B")
    await expect_prefixed_reply(b, context.word(), Rule(is_nothing, "one-client"))
    await expect_prefixed_reply(a, context.word())


@task("echo.3")
async def ends_quietly_when_a_client_leaves(context: CheckContext) -> None:
    """Every text is answered, and the endpoint ends without a traceback, whoever ends the connection.

    One client closes with 1000, one resets the TCP connection; the next one is served as before.
    """
    a = await context.connect("A")
    await expect_prefixed_reply(a, context.word())
    await expect_prefixed_reply(a, context.word(), Rule(is_closed, "only-once"))
    await a.close()
    await context.expect_endpoints_ended("not-caught")
    b = await context.connect("B")
    await expect_prefixed_reply(b, context.word())
    await b.abort()
    await context.expect_endpoints_ended("not-caught")
    c = await context.connect("C")
    await expect_prefixed_reply(c, context.word(), Rule(_is_no_text, "one-client"))


def _is_no_text(got: Received) -> bool:
    return not got.text


@task("echo.4")
async def closes_on_binary(context: CheckContext) -> None:
    """A binary frame closes its connection with 1003; another client is served on, an empty text included."""
    a = await context.connect("A")
    b = await context.connect("B")
    await expect_prefixed_reply(a, context.word())
    await expect_prefixed_reply(b, context.word())
    data = context.blob()
    await a.send(data)
    await a.expect_close(
        1003,
        rules=[
            Rule(is_lost, "lost-on-binary"),
            Rule(has_code(1000), "closed-1000"),
            Rule(data_is(data), "echoed-binary"),
            Rule(is_nothing, "ignored-binary"),
            Rule(is_text, "answered-binary"),
        ],
    )
    await expect_prefixed_reply(b, context.word(), Rule(is_closed, "closed-the-other"))
    await expect_prefixed_reply(b, "", Rule(has_code(1003), "refused-empty"), Rule(is_nothing, "ignored-empty"))
    await b.close()
    await context.expect_endpoints_ended("not-caught")


def number_rules(word: str, number: int, other_client: bool) -> list[Rule]:
    """Return the rules for what learners send instead of `<number>: <word>`."""
    return [
        Rule(text_is(f"0: {word}"), "from-zero"),
        Rule(text_is(word), "no-number"),
        Rule(when(other_client, is_text), "shared-count"),
        Rule(both(when(number > 1, is_text), text_starts_with("1:")), "stuck-at-one"),
    ]


@task("echo.5")
async def numbers_the_replies(context: CheckContext) -> None:
    """Two clients that talk in turn have their replies numbered 1, 2, 3 and 1, 2.

    Not tested: that a connection opened after another has ended starts at 1.
    """
    a, b = await context.connect("A"), await context.connect("B")
    for client, number in ((a, 1), (a, 2), (b, 1), (a, 3), (b, 2)):
        word = context.word()
        await client.send(word)
        await client.expect(f"{number}: {word}", rules=number_rules(word, number, client is b))
