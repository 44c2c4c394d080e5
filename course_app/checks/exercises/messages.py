"""Checks of exercise 04: text, bytes, JSON, validation, limits and subprotocols."""

from __future__ import annotations

import json
from typing import Any

from ...errors import CourseError
from ..context import CheckContext, Rule, ScriptedClient
from ..received import Received
from ..registry import task

LIMIT = 100  # bytes, as task 4 asks


def lost(got: Received) -> bool:
    return got.lost


def nothing(got: Received) -> bool:
    return got.nothing


def is_text(got: Received) -> bool:
    return got.text is not None


def is_binary(got: Received) -> bool:
    return got.data is not None


def quoted_twice(got: Received) -> bool:
    """Tell whether the text is JSON inside a JSON string: `send_json` was given what `json.dumps` made."""
    return isinstance(got.json, str) and Received(text=got.json).json is not None


def python_repr(got: Received) -> bool:
    """Tell whether the text is `str()` of a dict, with single quotes."""
    return got.text is not None and got.text.startswith("{'")


# Task 1


def results(op: str, a: int, b: int) -> list[Rule]:
    """Return the rules for what learners send instead of the result."""
    value = {"add": a + b, "sub": a - b, "mul": a * b}[op]
    others = {a + b, a - b, a * b, b - a, a, b}
    return [
        (quoted_twice, "json-twice"),
        (python_repr, "python-repr"),
        (lambda got: got.json == value and got.text is not None, "bare-number"),
        (lambda got: got.json == {"result": str(value)}, "result-as-text"),
        (lambda got: isinstance(got.json, dict) and "result" not in got.json, "no-result-key"),
        (lambda got: isinstance(got.json, dict) and got.json.get("result") in others, "wrong-operation"),
    ]


async def calculates(context: CheckContext, actor: ScriptedClient, op: str, *more: Rule) -> None:
    a, b = context.number(10, 999), context.number(10, 999)
    await actor.send_json({"op": op, "a": a, "b": b})
    await actor.receives_json(
        {"result": {"add": a + b, "sub": a - b, "mul": a * b}[op]}, rules=[*more, *results(op, a, b)]
    )


@task("messages.1")
async def speaks_json(context: CheckContext) -> None:
    a = await context.client("A")
    await calculates(context, a, "add", (nothing, "waited"), (lost, "lost-at-once"))
    await calculates(context, a, "add", (nothing, "only-once"), (lambda got: got.closed, "only-once"))
    for op in ("sub", "mul"):
        await calculates(context, a, op, (lost, "operation-missing"))
    b = await context.client("B")
    await calculates(context, b, "sub", (nothing, "one-client"))
    await calculates(context, a, "mul")
    await b.leaves()
    await context.no_traceback("not-caught")


# Task 2


async def mirrors(actor: ScriptedClient, data: bytes, *more: Rule) -> None:
    await actor.send(data)
    await actor.receives(
        data, rules=[*more, (is_text, "sent-as-text"), (is_binary, "other-bytes"), (lost, "lost-on-binary")]
    )


@task("messages.2")
async def mirrors_bytes(context: CheckContext) -> None:
    a, b = await context.client("A"), await context.client("B")
    await mirrors(a, context.blob() + b"\xff")
    await mirrors(a, context.blob() + b"\x00", (lambda got: got.closed, "only-once"))
    empty: list[Rule] = [(lambda got: got.closed, "refused-empty"), (nothing, "ignored-empty")]
    await mirrors(a, b"", *empty)
    word = context.word()
    await a.send(word)
    await a.closed(
        1003,
        rules=[
            (lost, "lost-on-text"),
            (lambda got: got.code == 1000, "closed-1000"),
            (nothing, "ignored-text"),
            (lambda got: got.data == word.encode(), "echoed-text"),
            (lambda got: is_text(got) or is_binary(got), "answered-text"),
        ],
    )
    await mirrors(b, context.blob() + b"\xfe")
    await b.leaves()
    await context.no_traceback("not-caught")


# Task 3


def said(got: Received) -> str:
    """Return the value of `error` as text in small letters, or nothing."""
    value: Any = got.json.get("error") if isinstance(got.json, dict) else None
    return (value if isinstance(value, str) else json.dumps(value) if value else "").lower()


def accepted(answer: dict[str, Any], order: Any) -> bool:
    """Tell whether the answer is the order that was sent, as a model without constraints would give it back."""
    return answer == order or (isinstance(order, dict) and order.get("quantity", answer) == answer.get("quantity"))


async def answers_error(actor: ScriptedClient, message: str, names: list[str], order: Any, diagnosis: str) -> None:
    """Send what is no order, and expect an error that names these fields; `diagnosis` is for a lost connection."""
    await actor.send(message)
    await actor.receives_where(
        lambda got: bool(said(got)) and all(name in said(got) for name in names),
        "an object whose `error` names " + (" and ".join(names) if names else "what is wrong"),
        rules=[
            (lost, diagnosis),
            (lambda got: got.closed, "closed-on-error"),
            (nothing, "error-ignored"),
            (quoted_twice, "json-twice"),
            (lambda got: got.json is None or not isinstance(got.json, dict), "error-not-json"),
            (lambda got: accepted(got.json, order), "not-validated"),
            (lambda got: "error" not in got.json, "no-error-key"),
            (lambda got: bool(names), "field-not-named"),
        ],
    )


async def takes(context: CheckContext, actor: ScriptedClient, *more: Rule) -> None:
    order = {"item": context.word(), "quantity": context.number(1, 99)}
    await actor.send_json(order)
    await actor.receives_json(
        order,
        rules=[
            *more,
            (quoted_twice, "json-twice"),
            (python_repr, "python-repr"),
            (lambda got: isinstance(got.json, dict) and "error" in got.json, "refused-valid"),
        ],
    )


@task("messages.3")
async def validates(context: CheckContext) -> None:
    a, b = await context.client("A"), await context.client("B")
    await takes(context, a)
    once: Rule = (lambda got: got.closed, "only-one-error")
    word = context.word()
    for order, names in [
        ({"item": word, "quantity": 0}, ["quantity"]),
        ({"item": word, "quantity": context.number(100, 999)}, ["quantity"]),
        ({"quantity": context.number(1, 99)}, ["item"]),
        ({"item": context.number(), "quantity": word}, ["item", "quantity"]),
    ]:
        await answers_error(a, json.dumps(order), names, order, "lost-on-invalid")
        await takes(context, a, once)
    await answers_error(a, word, [], None, "lost-on-no-json")
    await takes(context, a, once)
    await answers_error(a, json.dumps([word]), [], [word], "lost-on-a-list")
    await takes(context, b)
    await a.leaves()
    await context.no_traceback("not-caught")


# Task 4


def wide(size: int, context: CheckContext) -> str:
    """Return a text of `size` bytes that has fewer characters."""
    return "é" * 30 + (context.word() * 20)[: size - 60]


async def echoes(actor: ScriptedClient, text: str, *more: Rule) -> None:
    await actor.send(text)
    await actor.receives(text, rules=more)


@task("messages.4")
async def limits(context: CheckContext) -> None:
    a, b, c = await context.client("A"), await context.client("B"), await context.client("C")
    await echoes(a, context.word())
    await echoes(a, (context.word() * 13)[:LIMIT], (lambda got: got.closed, "refused-the-limit"))
    await echoes(a, wide(LIMIT, context), (lambda got: got.closed, "refused-the-limit"))
    for actor, text, miscounted in (
        (a, (context.word() * 30)[: context.number(101, 200)], False),
        (b, wide(LIMIT + 1, context), True),
    ):
        diagnosis = "counted-characters" if miscounted else "echoed-too-big"
        await actor.send(text)
        await actor.closed(
            1009,
            rules=[
                (lost, "lost-on-big"),
                (lambda got, text=text, diagnosis=diagnosis: got.text == text, diagnosis),  # type: ignore[misc]
                (lambda got, text=text: bool(got.text) and text.startswith(got.text), "cut-off"),  # type: ignore[misc]
                (is_text, "answered-big"),
                (nothing, "ignored-big"),
                (lambda got: got.closed, "other-code"),
            ],
        )
    await echoes(c, context.word())
    await c.leaves()
    await context.no_traceback("not-caught")


# Task 5


async def offers(context: CheckContext, name: str, offered: list[str], chosen: str | None) -> None:
    """Connect with these subprotocols, and expect that one to be chosen."""
    try:
        actor = await context.client(name, subprotocols=offered)
    except CourseError as error:  # the client gives up: websockets' NegotiationError
        context.fail("not-offered", who=name, offered=", ".join(offered) or "nothing", error=error)
    got = actor.client.subprotocol
    if got != chosen:
        diagnosis = "none-chosen" if got is None else "clients-order" if got == offered[0] else "other-choice"
        context.fail(diagnosis, who=name, offered=", ".join(offered), got=got, expected=chosen)
    await actor.receives(chosen or "none", rules=[(is_text, "other-name")])
    await actor.closed(1000)


@task("messages.5")
async def chooses(context: CheckContext) -> None:
    stranger = f"game.{context.word()}"
    await offers(context, "A", ["game.v2"], "game.v2")
    await offers(context, "B", [stranger, "game.v1"], "game.v1")
    await offers(context, "C", ["game.v1", stranger, "game.v2"], "game.v2")
    await offers(context, "D", [stranger], None)
    await offers(context, "E", [], None)
