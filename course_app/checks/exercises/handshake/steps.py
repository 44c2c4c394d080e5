"""Steps and values that several tasks of the exercise share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...context import CheckContext
from ...rules import Predicate, Rule, is_closed_properly, is_lost, is_message, text_is
from ...scripted_client import ScriptedClient


def any_text(context: CheckContext) -> str:
    """Return a text that an answer must not change: also with a blank at each end and characters of HTML."""
    return f" {context.text()} <b>'&amp;' "


def shuffled(context: CheckContext, cases: Iterable[Any]) -> list[Any]:
    """Return the cases in an order that no answer can know."""
    mixed = list(cases)
    context.random.shuffle(mixed)
    return mixed


def loosely(text: str) -> Predicate:
    """Return a predicate for a text that differs from `text` in capitals, blanks and punctuation only."""

    def letters(text: str) -> str:
        return "".join(letter for letter in text.lower() if letter.isalnum())

    return lambda got: got.text is not None and letters(got.text) == letters(text)


async def expect_one_text(
    client: ScriptedClient, text: str, rules: Sequence[Rule] = (), last: Sequence[Rule] = ()
) -> None:
    """Expect exactly this text, and then a close with 1000 before anything else.

    `rules` come before the common ones, `last` after them.
    """
    common = [
        Rule(text_is(text.strip()), "stripped"),
        Rule(loosely(text), "almost"),
        Rule(is_closed_properly, "no-text"),
    ]
    await client.expect(text, rules=[*rules, *common, *last])
    await client.expect_close(1000, rules=[Rule(is_lost, "not-closed"), Rule(is_message, "more-than-one")])
