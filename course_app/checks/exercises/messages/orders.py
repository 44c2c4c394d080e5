"""The check of `messages.3`: answer errors, and stay connected."""

from __future__ import annotations

import json
import re
from typing import Any

from ...context import CheckContext
from ...crashes import CRASHES, crashes_named
from ...leaving import leave_in_every_way
from ...received import Received
from ...registry import task
from ...rules import (
    Predicate,
    Rule,
    has_key,
    is_anything,
    is_closed,
    is_double_encoded,
    is_json_object,
    is_lost,
    is_nothing,
    is_python_repr,
    lacks_key,
    neither,
)
from ...scripted_client import ScriptedClient

FIELDS = ("item", "quantity")
LIFELONG = 25  # errors of one connection
NAMES = {
    **CRASHES,
    "JSONDecodeError": "decoded-outside",
    "is not JSON serializable": "error-not-serializable",
    "argument after ** must be a mapping": "lost-on-a-list",
    "IndexError": "no-loc",
    "ValidationError": "lost-on-invalid",
}


def error_text(got: Received, sent: str) -> str:
    """Return the value of `error` as text in small letters, without the message that was sent; empty without `error`.

    The message is no answer: an error that repeats it names every field in it.
    """
    value = got.json_object.get("error")
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    for form in _forms(sent):
        text = text.replace(form, "")
    return text.lower()


def _forms(sent: str) -> list[str]:
    """Return the ways in which an error may repeat the message: as it was sent, as a dict, and quoted."""
    forms = {sent, json.dumps(sent)[1:-1]}
    try:
        value = json.loads(sent)
    except ValueError:
        return list(forms)
    for text in (str(value), json.dumps(value), json.dumps(value, separators=(",", ":"))):
        forms |= {text, json.dumps(text)[1:-1]}
    return sorted(forms, key=len, reverse=True)


def names_field(text: str, name: str) -> bool:
    """Return whether an error's text has that name as a word."""
    return re.search(rf"(?<![a-z]){name}(?![a-z])", text) is not None


def names_exactly(sent: str, wrong: tuple[str, ...]) -> Predicate:
    """Return a predicate for an `error` that names these fields, and no other where any is wrong.

    Where a field is missing, others may be named: Pydantic's error shows the object that lacks it, cut short.
    """
    order = Received(text=sent).json_object
    complete = all(name in order for name in FIELDS)

    def applies(got: Received) -> bool:
        if not wrong:
            return got.json_object.get("error") not in (None, False)
        text = error_text(got, sent)
        named = {name for name in FIELDS if names_field(text, name)}
        return named == set(wrong) if complete else named >= set(wrong)

    return applies


def names_all(sent: str, wrong: tuple[str, ...]) -> Predicate:
    """Return a predicate for an `error` that names these fields, and perhaps others."""
    return lambda got: bool(wrong) and all(names_field(error_text(got, sent), name) for name in wrong)


def is_unvalidated(sent: str) -> Predicate:
    """Return a predicate for a message that comes back as it was sent, as a model without constraints returns it."""
    order = Received(text=sent).json

    def applies(got: Received) -> bool:
        answer = got.json_object
        if "error" in answer:
            return False
        return answer == order or (isinstance(order, dict) and order.get("quantity", answer) == answer.get("quantity"))

    return applies


class Case:
    """A message that is no valid order: its text, the fields that are wrong, and the diagnosis of a lost connection."""

    def __init__(self, sent: str | dict[str, Any], *wrong: str, lost: str = "lost-on-invalid") -> None:
        self.sent = sent if isinstance(sent, str) else json.dumps(sent, ensure_ascii=False)
        self.wrong = wrong
        self.lost = lost


def first_cases(context: CheckContext) -> list[Case]:
    """Return the messages that tell the usual mistakes apart."""
    item, other = context.text(), context.text()
    return [
        Case({"item": item, "quantity": 0}, "quantity"),
        Case({"item": item, "quantity": context.number(100, 999)}, "quantity"),
        Case({"quantity": context.number(1, 99)}, "item"),
        Case({"item": context.number(), "quantity": other}, "item", "quantity"),
        Case(context.word(), lost="lost-on-no-json"),
        Case(json.dumps([other]), lost="lost-on-a-list"),
    ]


def more_cases(context: CheckContext) -> list[Case]:
    """Return more messages that are no valid order, in random order."""
    item, good = context.text(), context.number(1, 99)
    cases = [
        Case({"item": item, "quantity": 100}, "quantity"),
        Case({"item": item, "quantity": -good}, "quantity"),
        Case({"item": item}, "quantity"),
        Case({"item": item, "quantity": None}, "quantity"),
        Case({"item": item, "quantity": good + 0.5}, "quantity"),
        Case({"item": context.number(), "quantity": good}, "item"),
        Case({"item": None, "quantity": good}, "item"),
        Case({"item": [item], "quantity": good}, "item"),
        Case({}, "item", "quantity"),
        Case({"item": None, "quantity": 0}, "item", "quantity"),
        *(Case(text, lost="lost-on-no-json") for text in ("", "{", '{"item": ', context.text())),
        *(Case(text, lost="lost-on-a-list") for text in ("[]", "null", "7", "true", json.dumps(item))),
    ]
    context.random.shuffle(cases)
    return cases


async def expect_error(client: ScriptedClient, case: Case) -> None:
    """Expect the answer to a message that is no valid order: an error that names its wrong fields, if any."""
    due = " and ".join(case.wrong)
    await client.expect_where(
        names_exactly(case.sent, case.wrong),
        f"an object whose `error` names {due}" if due else "an object with `error`",
        rules=[
            Rule(is_lost, case.lost),
            Rule(is_closed, "closed-on-error"),
            Rule(is_nothing, "error-ignored"),
            Rule(is_double_encoded, "json-twice"),
            Rule(is_python_repr, "python-repr"),
            Rule(is_unvalidated(case.sent), "not-validated"),
            Rule(neither(is_json_object), "error-not-json"),
            Rule(has_key("quantity"), "not-validated"),
            Rule(lacks_key("error"), "no-error-key"),
            Rule(names_all(case.sent, case.wrong), "right-field-blamed"),
            Rule(is_anything, "field-not-named"),
        ],
    )


async def expect_order_back(context: CheckContext, client: ScriptedClient, *rules: Rule, quantity: int = 0) -> None:
    """Send a valid order with random values, or with that quantity, and expect it back as JSON."""
    order = {"item": context.text(), "quantity": quantity or context.number(2, 98)}
    await client.send_json(order)
    common = [
        Rule(is_double_encoded, "json-twice"),
        Rule(is_python_repr, "python-repr"),
        Rule(has_key("error"), "refused-valid"),
        Rule(is_json_object, "other-order"),
        Rule(lambda got: got.text is not None and got.json is None, "not-json"),
    ]
    await client.expect_json(order, rules=[*rules, *common])


async def expect_errors_at_once(context: CheckContext, client: ScriptedClient) -> None:
    """Send many invalid orders before anything is read, and expect an error for each, then an order back."""
    cases = [Case({"item": context.word(), "quantity": context.number(100, 999)}, "quantity") for _ in range(LIFELONG)]
    for case in cases:
        await client.send(case.sent)
    for case in cases:
        await expect_error(client, case)
    await expect_order_back(context, client, Rule(is_closed, "only-one-error"))


@task("messages.3")
async def answers_errors_and_stays_connected(context: CheckContext) -> None:
    """A valid order comes back as JSON; any other text is answered with an `error` that names the wrong fields alone.

    Other texts: quantities beside 1 to 99, missing fields, fields of another type, JSON that is no object, no JSON.
    After each error the same connection takes a valid order again, however many errors there were.
    Whoever leaves, however, leaves no traceback.
    """
    async with crashes_named(context, NAMES):
        a, b = await context.connect("A"), await context.connect("B")
        await expect_order_back(context, a)
        await expect_order_back(context, a, Rule(is_closed, "only-once"), Rule(is_nothing, "only-once"))
        once = Rule(is_closed, "only-one-error"), Rule(is_nothing, "only-one-error")
        for case in first_cases(context):
            await a.send(case.sent)
            await expect_error(a, case)
            await expect_order_back(context, a, *once)
        for quantity in (1, 99):
            await expect_order_back(context, b, quantity=quantity)
        for case in more_cases(context):
            await b.send(case.sent)
            await expect_error(b, case)
        await expect_order_back(context, b, *once)
        await expect_errors_at_once(context, a)
        others = [await context.connect(name) for name in "CD"]
        await leave_in_every_way(context, [a, b, *others])
        await context.expect_endpoints_ended("not-caught")
