"""Checks of the exercise `messages`: text, bytes, JSON, validation, limits and subprotocols."""

from __future__ import annotations

import json
from typing import Any

from ...errors import CourseError
from ..context import CheckContext
from ..expectations import close_cleanly
from ..received import Received
from ..registry import task
from ..rules import (
    Predicate,
    Rule,
    data_is,
    field_in,
    has_code,
    has_key,
    is_anything,
    is_binary,
    is_closed,
    is_double_encoded,
    is_json_object,
    is_lost,
    is_message,
    is_nothing,
    is_python_repr,
    is_text,
    lacks_key,
    neither,
    text_is,
    when,
)
from ..scripted_client import ScriptedClient

LIMIT = 100  # bytes of UTF-8, as task 4 asks

# Task 1: a calculator that speaks JSON


def calculate(op: str, a: int, b: int) -> int:
    """Return the result of an operation of task 1."""
    return {"add": a + b, "sub": a - b, "mul": a * b}[op]


def result_rules(op: str, a: int, b: int) -> list[Rule]:
    """Return the rules for what learners send instead of `{"result": …}`."""
    value = calculate(op, a, b)
    others = {a + b, a - b, a * b, b - a, a, b}
    return [
        Rule(is_double_encoded, "json-twice"),
        Rule(is_python_repr, "python-repr"),
        Rule(lambda got: got.text is not None and got.json == value, "bare-number"),
        Rule(lambda got: got.json == {"result": str(value)}, "result-as-text"),
        Rule(lacks_key("result"), "no-result-key"),
        Rule(field_in("result", list(others)), "wrong-operation"),
    ]


async def expect_result(context: CheckContext, client: ScriptedClient, op: str, *rules: Rule) -> None:
    """Send an operation with random numbers, and expect its result."""
    a, b = context.number(10, 999), context.number(10, 999)
    await client.send_json({"op": op, "a": a, "b": b})
    await client.expect_json({"result": calculate(op, a, b)}, rules=[*rules, *result_rules(op, a, b)])


@task("messages.1")
async def answers_operations_in_json(context: CheckContext) -> None:
    """`add`, `sub` and `mul` are answered with `{"result": …}`, as often as a client asks and for two clients at once.

    A client that closes leaves no traceback.
    """
    a = await context.connect("A")
    await expect_result(context, a, "add", Rule(is_nothing, "waited"), Rule(is_lost, "lost-at-once"))
    await expect_result(context, a, "add", Rule(is_nothing, "only-once"), Rule(is_closed, "only-once"))
    for op in ("sub", "mul"):
        await expect_result(context, a, op, Rule(is_lost, "operation-missing"))
    b = await context.connect("B")
    await expect_result(context, b, "sub", Rule(is_nothing, "one-client"))
    await expect_result(context, a, "mul")
    await close_cleanly(context, b)


# Task 2: bytes in, bytes out


async def expect_same_bytes(client: ScriptedClient, data: bytes, *rules: Rule) -> None:
    """Send a binary message, and expect the same bytes back as a binary message."""
    await client.send(data)
    common = [Rule(is_text, "sent-as-text"), Rule(is_binary, "other-bytes"), Rule(is_lost, "lost-on-binary")]
    await client.expect(data, rules=[*rules, *common])


@task("messages.2")
async def mirrors_bytes(context: CheckContext) -> None:
    """Binary messages come back as they are, empty ones and bytes that are no UTF-8 included.

    A text closes its connection with 1003; another client is served on, and leaves no traceback.
    """
    a, b = await context.connect("A"), await context.connect("B")
    await expect_same_bytes(a, context.blob() + b"\xff")
    await expect_same_bytes(a, context.blob() + b"\x00", Rule(is_closed, "only-once"))
    await expect_same_bytes(a, b"", Rule(is_closed, "refused-empty"), Rule(is_nothing, "ignored-empty"))
    word = context.word()
    await a.send(word)
    await a.expect_close(
        1003,
        rules=[
            Rule(is_lost, "lost-on-text"),
            Rule(has_code(1000), "closed-1000"),
            Rule(is_nothing, "ignored-text"),
            Rule(data_is(word.encode()), "echoed-text"),
            Rule(is_message, "answered-text"),
        ],
    )
    await expect_same_bytes(b, context.blob() + b"\xfe")
    await close_cleanly(context, b)


# Task 3: answer errors, stay connected


def error_text(got: Received) -> str:
    """Return the value of `error` as text in small letters, empty where there is none."""
    value = got.json_object.get("error")
    return (value if isinstance(value, str) else json.dumps(value) if value else "").lower()


def is_unvalidated(order: Any) -> Predicate:
    """Return a predicate for an order that comes back as it was sent, as a model without constraints returns it."""

    def applies(got: Received) -> bool:
        answer = got.json_object
        return answer == order or (isinstance(order, dict) and order.get("quantity", answer) == answer.get("quantity"))

    return applies


async def expect_error(client: ScriptedClient, message: str, names: list[str], order: Any, lost: str) -> None:
    """Send a text that is no valid order, and expect an error that names these fields, if any.

    `order` is the decoded text, None where it is no JSON. `lost` is the diagnosis for a lost connection.
    """
    await client.send(message)
    await client.expect_where(
        lambda got: bool(error_text(got)) and all(name in error_text(got) for name in names),
        "an object whose `error` names " + (" and ".join(names) if names else "what is wrong"),
        rules=[
            Rule(is_lost, lost),
            Rule(is_closed, "closed-on-error"),
            Rule(is_nothing, "error-ignored"),
            Rule(is_double_encoded, "json-twice"),
            Rule(neither(is_json_object), "error-not-json"),
            Rule(is_unvalidated(order), "not-validated"),
            Rule(lacks_key("error"), "no-error-key"),
            Rule(when(bool(names), is_anything), "field-not-named"),
        ],
    )


async def expect_order_back(context: CheckContext, client: ScriptedClient, *rules: Rule) -> None:
    """Send a valid order with random values, and expect it back as JSON."""
    order = {"item": context.word(), "quantity": context.number(1, 99)}
    await client.send_json(order)
    common = [
        Rule(is_double_encoded, "json-twice"),
        Rule(is_python_repr, "python-repr"),
        Rule(has_key("error"), "refused-valid"),
    ]
    await client.expect_json(order, rules=[*rules, *common])


@task("messages.3")
async def answers_errors_and_stays_connected(context: CheckContext) -> None:
    """A valid order comes back as JSON; anything else is answered with an `error` that names the wrong fields.

    Invalid: a quantity of 0 or of 100 and more, no item, two wrong fields at once, text that is no JSON, a JSON array.
    After each error the same connection takes a valid order again. A client that closes leaves no traceback.
    """
    a, b = await context.connect("A"), await context.connect("B")
    await expect_order_back(context, a)
    once = Rule(is_closed, "only-one-error")
    word = context.word()
    invalid: list[tuple[dict[str, Any], list[str]]] = [
        ({"item": word, "quantity": 0}, ["quantity"]),
        ({"item": word, "quantity": context.number(100, 999)}, ["quantity"]),
        ({"quantity": context.number(1, 99)}, ["item"]),
        ({"item": context.number(), "quantity": word}, ["item", "quantity"]),
    ]
    for order, names in invalid:
        await expect_error(a, json.dumps(order), names, order, "lost-on-invalid")
        await expect_order_back(context, a, once)
    await expect_error(a, word, [], None, "lost-on-no-json")
    await expect_order_back(context, a, once)
    await expect_error(a, json.dumps([word]), [], [word], "lost-on-a-list")
    await expect_order_back(context, b)
    await close_cleanly(context, a)


# Task 4: a limit with the right code


def text_of_wide_characters(context: CheckContext, size: int) -> str:
    """Return a text of `size` bytes in UTF-8 that has 30 characters fewer."""
    return "é" * 30 + (context.word() * 20)[: size - 60]


async def expect_same_text(client: ScriptedClient, text: str, *rules: Rule) -> None:
    """Send a text, and expect it back."""
    await client.send(text)
    await client.expect(text, rules=rules)


async def expect_too_big(client: ScriptedClient, text: str, echoed: str) -> None:
    """Send a text over the limit, and expect close code 1009; `echoed` names that it came back."""
    await client.send(text)
    await client.expect_close(
        1009,
        rules=[
            Rule(is_lost, "lost-on-big"),
            Rule(text_is(text), echoed),
            Rule(lambda got: bool(got.text) and text.startswith(got.text or text), "cut-off"),
            Rule(is_text, "answered-big"),
            Rule(is_nothing, "ignored-big"),
            Rule(is_closed, "other-code"),
        ],
    )


@task("messages.4")
async def limits_the_size(context: CheckContext) -> None:
    """Texts of at most 100 bytes in UTF-8 come back; a longer one closes its connection with 1009.

    The limit is met with one-byte and with two-byte characters, from below and from above.
    Another client is served on, and leaves no traceback.
    """
    a, b, c = await context.connect("A"), await context.connect("B"), await context.connect("C")
    refused = Rule(is_closed, "refused-the-limit")
    await expect_same_text(a, context.word())
    await expect_same_text(a, (context.word() * 13)[:LIMIT], refused)
    await expect_same_text(a, text_of_wide_characters(context, LIMIT), refused)
    await expect_too_big(a, (context.word() * 30)[: context.number(LIMIT + 1, 200)], "echoed-too-big")
    await expect_too_big(b, text_of_wide_characters(context, LIMIT + 1), "counted-characters")
    await expect_same_text(c, context.word())
    await close_cleanly(context, c)


# Task 5: choose a subprotocol


async def expect_choice(context: CheckContext, name: str, offered: list[str], chosen: str | None) -> None:
    """Offer these subprotocols, and expect that one in the handshake and as a text, then a close with 1000."""
    try:
        client = await context.connect(name, subprotocols=offered)
    except CourseError as error:  # the client gives up: websockets' NegotiationError
        context.fail("not-offered", who=name, offered=", ".join(offered) or "nothing", error=error)
    got = client.connection.subprotocol
    if got != chosen:
        diagnosis = "none-chosen" if got is None else "clients-order" if got == offered[0] else "other-choice"
        context.fail(diagnosis, who=name, offered=", ".join(offered), got=got, expected=chosen)
    await client.expect(chosen or "none", rules=[Rule(is_text, "other-name")])
    await client.expect_close(1000)


@task("messages.5")
async def chooses_a_subprotocol(context: CheckContext) -> None:
    """`game.v2` is chosen before `game.v1`, whatever the client's order, and nothing where it offers neither.

    The choice stands in the handshake (RFC 6455 section 4.2.2) and comes as a text, `none` for no choice.
    Then the server closes with 1000.
    """
    unknown = f"game.{context.word()}"
    await expect_choice(context, "A", ["game.v2"], "game.v2")
    await expect_choice(context, "B", [unknown, "game.v1"], "game.v1")
    await expect_choice(context, "C", ["game.v1", unknown, "game.v2"], "game.v2")
    await expect_choice(context, "D", [unknown], None)
    await expect_choice(context, "E", [], None)
