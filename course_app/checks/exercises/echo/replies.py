"""What the tasks of `echo` share: the reply with its prefix, and what learners send instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...context import CheckContext
from ...received import Received
from ...rules import (
    Predicate,
    Rule,
    both,
    data_is,
    is_binary,
    is_nothing,
    is_text,
    neither,
    text_contains,
    text_is,
    text_starts_with,
    when,
)
from ...scripted_client import ScriptedClient

PREFIX = "Message text was: "
_TEMPLATE = 45  # characters; random texts are no ASCII, or have no braces
_FIELD = re.compile(r"\{\w*\}")


def prefixed(text: str) -> str:
    """Return the reply that is due to `text`."""
    return PREFIX + text


def padded_text(context: CheckContext) -> str:
    """Return a random text with blanks and a line break at its ends, which `strip()` would remove."""
    return f"  {context.text()}\t{context.text()} \n"


def is_almost(reply: str) -> Predicate:
    """Return a predicate for a text that differs from `reply` in capitals, blanks and colons only."""
    return lambda got: got.text is not None and _letters(got.text) == _letters(reply)


def _letters(text: str) -> str:
    return "".join(text.casefold().replace(":", "").split())


def is_changed(text: str) -> Predicate:
    """Return a predicate for the right prefix before a part of `text`, or before `text` in other capitals."""

    def applies(got: Received) -> bool:
        rest = (got.text or "").removeprefix(PREFIX)
        return got.text not in (None, rest) and bool(rest) and (rest in text or _letters(rest) == _letters(text))

    return applies


def has_field(got: Received) -> bool:
    """Tell whether a text is a template: short ASCII with a name in braces, or with nothing in them."""
    text = got.text or ""
    return len(text) <= _TEMPLATE and text.isascii() and _FIELD.search(text) is not None


def common_reply_rules(text: str, reply: str) -> list[Rule]:
    """Return the rules for what learners send instead of `reply` to `text`, whatever the task."""
    return [
        Rule(data_is(reply.encode()), "sent-as-binary"),
        Rule(lambda got: got.json == reply, "json-quotes"),
        Rule(text_contains("<coroutine object"), "not-awaited"),
        Rule(text_contains("'websocket.receive'"), "whole-message"),
        Rule(both(has_field, neither(text_contains(text))), "no-f-string"),
    ]


def reply_rules(text: str) -> list[Rule]:
    """Return the rules for what learners send instead of `Message text was: <text>`."""
    return [
        Rule(when(bool(text), text_is(text)), "no-prefix"),
        *common_reply_rules(text, prefixed(text)),
        Rule(is_changed(text), "text-changed"),
        Rule(is_almost(prefixed(text)), "almost"),
        Rule(when(bool(text), text_contains(text)), "other-words"),
        Rule(both(is_text, neither(text_starts_with(PREFIX))), "no-text"),
        Rule(is_text, "constant"),
        Rule(is_binary, "sent-as-binary"),
    ]


async def expect_prefixed_reply(client: ScriptedClient, text: str, *rules: Rule) -> None:
    """Send `text`, and expect it back behind the prefix; `rules` come before the common ones."""
    await client.send(text)
    await client.expect(prefixed(text), rules=[*rules, *reply_rules(text)])


async def expect_prefixed_replies(client: ScriptedClient, texts: Sequence[str], *rules: Rule) -> None:
    """Send all of these texts before anything is read, and expect a reply to each, in order; `rules` come first."""
    for text in texts:
        await client.send(text)
    for text in texts:
        await client.expect(prefixed(text), rules=[*rules, Rule(is_nothing, "burst-dropped"), *reply_rules(text)])
