"""The check of `messages.1`: a calculator that speaks JSON."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ...context import CheckContext
from ...crashes import CRASHES, crashes_named
from ...leaving import leave_in_every_way
from ...received import Received
from ...registry import task
from ...rules import (
    Rule,
    field_in,
    is_binary,
    is_closed,
    is_double_encoded,
    is_lost,
    is_nothing,
    is_python_repr,
    lacks_key,
    text_contains,
)
from ...scripted_client import ScriptedClient

Number = int | float
PAUSE = 0.3  # seconds for which a client says nothing, and is still served
LIFELONG = 100  # operations of one connection
OPERATIONS = ("add", "sub", "mul")
NAMES = {**CRASHES, "indices must be integers": "text-for-a-dict", "must be str, bytes or bytearray": "parsed-twice"}


def calculate(op: str, a: Number, b: Number) -> Number:
    """Return the result of an operation."""
    return {"add": a + b, "sub": a - b, "mul": a * b}[op]


def is_number(value: Any) -> bool:
    """Return whether a JSON value is a number: `true` is none, although Python counts it as one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def has_result(got: Received, value: Number) -> bool:
    """Return whether a JSON object with that result came, as an integer or as a float."""
    result = got.json_object.get("result")
    return got.text is not None and is_number(result) and bool(result == value)


def result_rules(op: str, a: Number, b: Number) -> list[Rule]:
    """Return the rules for what learners send instead of `{"result": …}`."""
    value = calculate(op, a, b)
    others = [a + b, a - b, a * b, b - a, abs(a - b), a, b]
    whole = [int(other) for other in (value, calculate(op, int(a), int(b)), round(value))]
    return [
        Rule(is_double_encoded, "json-twice"),
        Rule(is_python_repr, "python-repr"),
        Rule(is_binary, "json-as-binary"),
        Rule(text_contains("<coroutine object"), "not-awaited"),
        Rule(lambda got: is_number(got.json) and bool(got.json == value), "bare-number"),
        Rule(lambda got: _as_number(got.json_object.get("result")) == value, "result-as-text"),
        Rule(lacks_key("result"), "no-result-key"),
        Rule(field_in("result", others), "wrong-operation"),
        Rule(field_in("result", whole), "whole-numbers"),
        Rule(lambda got: "result" in got.json_object, "wrong-result"),
    ]


def _as_number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


async def send_operation(context: CheckContext, client: ScriptedClient, op: str, a: Number, b: Number) -> None:
    """Send an operation, its keys in random order."""
    items: list[tuple[str, str | Number]] = [("op", op), ("a", a), ("b", b)]
    context.random.shuffle(items)
    await client.send_json(dict(items))


async def expect_result(client: ScriptedClient, op: str, a: Number, b: Number, *rules: Rule) -> None:
    """Expect the result of an operation; `rules` come before the common ones."""
    value = calculate(op, a, b)
    await client.expect_where(
        lambda got: has_result(got, value), json.dumps({"result": value}), rules=[*rules, *result_rules(op, a, b)]
    )


async def expect_calculated(
    context: CheckContext, client: ScriptedClient, op: str, a: Number, b: Number, *rules: Rule
) -> None:
    """Send an operation, and expect its result."""
    await send_operation(context, client, op, a, b)
    await expect_result(client, op, a, b, *rules)


async def expect_odd_numbers(context: CheckContext, client: ScriptedClient) -> None:
    """Expect the results of negative numbers, of zeros, of fractions, and those that are zero."""
    low, high = context.number(10, 99), context.number(100, 999)
    cases: list[tuple[str, Number, Number, str]] = [
        *((op, low, high, "wrong-sign") for op in OPERATIONS),
        *((op, -high, low, "wrong-sign") for op in OPERATIONS),
        *((op, 0, high, "zero") for op in OPERATIONS),
        ("sub", high, high, "zero"),
        ("add", high, -high, "zero"),
        *((op, low + 0.5, high + 0.25, "fraction") for op in OPERATIONS),
    ]
    context.random.shuffle(cases)
    for op, a, b, kind in cases:
        rules = [Rule(is_nothing, f"{kind}-ignored"), Rule(is_closed, f"{kind}-ignored")]
        await expect_calculated(context, client, op, a, b, *rules)


async def expect_lifelong_service(context: CheckContext, client: ScriptedClient) -> None:
    """Expect the results of many operations that are sent at once, and of one after a pause."""
    ended = Rule(is_closed, "stopped-later"), Rule(is_nothing, "stopped-later")
    numbers: list[tuple[str, Number, Number]] = [
        (context.random.choice(OPERATIONS), context.number(10, 999), context.number(10, 999)) for _ in range(LIFELONG)
    ]
    for op, a, b in numbers:
        await send_operation(context, client, op, a, b)
    for op, a, b in numbers:
        await expect_result(client, op, a, b, *ended)
    await asyncio.sleep(PAUSE)
    await expect_calculated(context, client, "mul", 7, 6, *ended)


@task("messages.1")
async def answers_operations_in_json(context: CheckContext) -> None:
    """`add`, `sub` and `mul` are answered with `{"result": …}`, as often as a client asks and for clients at once.

    The numbers are whole ones, fractions, negative ones and zero. Whoever leaves, however, leaves no traceback.
    """
    async with crashes_named(context, NAMES):
        a = await context.connect("A")
        low, high = context.number(20, 400), context.number(401, 999)
        await expect_calculated(context, a, "add", high, low, Rule(is_nothing, "waited"), Rule(is_lost, "lost-at-once"))
        await expect_calculated(
            context, a, "add", low, high, Rule(is_nothing, "only-once"), Rule(is_closed, "only-once")
        )
        for op in ("sub", "mul"):
            missing = Rule(is_lost, "operation-missing"), Rule(is_nothing, "operation-missing")
            await expect_calculated(context, a, op, high, low, *missing)
        b = await context.connect("B")
        await send_operation(context, a, "add", high, low)
        await expect_calculated(
            context,
            b,
            "sub",
            low,
            high,
            Rule(is_nothing, "one-client"),
            Rule(lambda got: has_result(got, high + low), "others-result"),
        )
        await expect_result(a, "add", high, low, Rule(lambda got: has_result(got, low - high), "others-result"))
        await expect_odd_numbers(context, b)
        await b.close()
        await expect_lifelong_service(context, a)
        others = [await context.connect(name) for name in "CDE"]
        await leave_in_every_way(context, [a, *others])
        await context.expect_endpoints_ended("not-caught")
