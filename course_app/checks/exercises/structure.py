"""Checks of exercise 13: structure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from ..context import CheckContext, CheckFailed, Rule, ScriptedClient
from ..received import Received
from ..registry import task

SETTLE = (0.02, 0.1, 0.5)  # seconds in which an answer notices who left; on a busy machine it may take the last


def lost(got: Received) -> bool:
    return got.lost


def refused(got: Received) -> bool:
    return got.status in (401, 403, 404, 422)


def crashed(got: Received) -> bool:
    return got.status == 500


def body(got: Received) -> Any:
    try:
        return json.loads(got.body)
    except ValueError:
        return None


def said(got: Received) -> str:
    return got.body.decode(errors="replace")[:200] or "nothing"


async def echoes(context: CheckContext, actor: ScriptedClient, *rules: Rule) -> None:
    word = context.word()
    await actor.send(word)
    await actor.receives(word, rules=rules)


# 1. A router of one's own

KEY = {"key": "1234"}


@task("structure.1")
async def includes_a_router(context: CheckContext) -> None:
    guarded: Rule = (lambda got: got.status == 403, "open-refused")
    a = await context.client("A", "/open/ws", rules=[guarded])
    await echoes(context, a)
    b = await context.client("B", "/members/ws", query=KEY, rules=[(refused, "member-refused")])
    await echoes(context, b)
    for name, path in (("C", "/members/ws"), ("D", f"/members/ws?key={context.word()}")):
        await context.refused(
            name, path, rules=[(lambda got: got.status is None and not got.nothing, "socket-unguarded")]
        )
    absent: Rule = (lambda got: got.status == 404, "no-about")
    for path, params in (("/open/about", {}), ("/members/about", KEY)):
        got = await context.http("GET", path, rules=[absent], params=params)
        if body(got) != {"talks": True}:
            context.fail("wrong-about", path=path, body=said(got))
    await context.http("GET", "/members/about", status=403, rules=[(lambda got: got.status == 200, "about-unguarded")])
    await echoes(context, a, (lambda got: got.closed, "only-once"))
    await a.leaves()
    await context.no_traceback("not-caught")


# 2. From a POST to every socket


async def published(context: CheckContext, readers: Sequence[ScriptedClient], *rules: Rule) -> None:
    """Post a note, and expect that each of `readers` gets it, and that they are counted."""
    word = context.word()
    got = await context.http("POST", "/notes", json={"text": word}, rules=rules)
    for actor in readers:
        await actor.receives(
            word,
            rules=[
                (lambda got: bool(got.text and got.text != word and word in got.text), "whole-note"),
                (lambda got: got.nothing and len(readers) > 1, "not-all"),
                (lost, "returned-early"),
            ],
        )
    answer = body(got)
    if not isinstance(answer, dict) or not isinstance(answer.get("readers"), int):
        context.fail("no-number", body=said(got))
    if answer["readers"] > len(readers):
        context.fail("ghost", number=answer["readers"], present=len(readers))
    if answer["readers"] != len(readers):
        context.fail("wrong-number", number=answer["readers"], present=len(readers))


async def published_soon(context: CheckContext, readers: Sequence[ScriptedClient], *rules: Rule) -> None:
    """Expect `published`, at the latest when the answer has had time to notice who left."""
    for pause in SETTLE:
        await asyncio.sleep(pause)
        try:
            return await published(context, readers, *rules)
        except CheckFailed as wrong:
            if pause == SETTLE[-1] or wrong.diagnosis not in ("ghost", "dead-breaks"):
                raise
        for actor in readers:
            while (await actor.next(SETTLE[0])).text is not None:
                pass  # what a POST that failed half-way has sent already


@task("structure.2")
async def publishes_from_a_post(context: CheckContext) -> None:
    rules: list[Rule] = [
        (lambda got: got.status in (404, 405), "no-post"),
        (lambda got: got.status == 422, "not-the-body"),
    ]
    a = await context.client("A")
    await published(context, [a], *rules, (crashed, "crashed"))
    b, c = await context.client("B"), await context.client("C")
    await published(context, [a, b, c], *rules, (crashed, "crashed"))
    await b.leaves()
    broken: Rule = (crashed, "dead-breaks")
    await published_soon(context, [a, c], broken)
    await c.aborts()
    await published_soon(context, [a], broken)
    await a.send(context.word())
    await published(context, [a], broken)


# 3. A class that counts


def miscounts(number: int, here: int) -> list[Rule]:
    def numbers(got: Received) -> tuple[int, int] | None:
        words = (got.text or "").replace(",", "").split()
        digits = [int(word) for word in words if word.isdecimal()]
        return (digits[0], digits[1]) if len(digits) == 2 else None

    def reads(first: Any, second: Any) -> Any:
        def applies(got: Received) -> bool:
            pair = numbers(got)
            return pair is not None and first(pair[0]) and second(pair[1])

        return applies

    def anything(value: int) -> bool:
        return True

    return [
        (reads(lambda value: value > number, anything), "shared-count"),
        (reads(lambda value: value < number, anything), "count-starts-anew"),
        (reads(anything, lambda value: value > here), "ghost"),
        (reads(anything, lambda value: value < here), "own-here"),
        (lost, "lost"),
    ]


async def counted(context: CheckContext, actor: ScriptedClient, number: int, here: int) -> None:
    await actor.send(context.word())
    await actor.receives(f"text {number}, {here} here", rules=miscounts(number, here))


async def counted_soon(context: CheckContext, actor: ScriptedClient, number: int, here: int) -> int:
    """Expect `counted`, at the latest when the answer has had time to notice who left. Return the next number."""
    for pause in SETTLE:
        await asyncio.sleep(pause)
        try:
            await counted(context, actor, number, here)
        except CheckFailed as wrong:
            if wrong.diagnosis != "ghost" or pause == SETTLE[-1]:
                raise
        else:
            break
        finally:
            number += 1
    return number


@task("structure.3")
async def counts_in_a_class(context: CheckContext) -> None:
    unaccepted: list[Rule] = [(lambda got: got.nothing or got.status == 500, "no-accept")]
    a = await context.client("A", rules=unaccepted)
    await counted(context, a, 1, 1)
    await counted(context, a, 2, 1)
    b = await context.client("B")
    await counted(context, b, 1, 2)
    await counted(context, a, 3, 2)
    c = await context.client("C")
    await counted(context, c, 1, 3)
    await b.leaves()
    number = await counted_soon(context, a, 4, 2)
    await c.send(context.blob())
    await c.closed(
        1003,
        rules=[(lambda got: got.text is not None, "no-encoding"), (lost, "lost-on-binary")],
    )
    await counted_soon(context, a, number, 1)


# 4. Borrow, and give back


async def found(context: CheckContext, actor: ScriptedClient, *rules: Rule) -> None:
    number = context.number()
    await actor.send(str(number))
    await actor.receives(f"item {number}", rules=rules)


@task("structure.4")
async def borrows_per_text(context: CheckContext) -> None:
    held: list[Rule] = [
        (lambda got: got.nothing or got.closed or got.status is not None, "held"),
    ]
    a = await context.client("A", rules=[(crashed, "crashed")])
    await found(context, a, (lambda got: got.lost, "crashed-on-text"))
    b = await context.client("B")
    await found(context, b)
    c = await context.client("C", rules=held)
    await found(context, c, *held)
    for diagnosis in ("lost-on-unknown", "never-back", "never-back"):
        await a.send(context.word())
        await a.receives("unknown", rules=[(lost, diagnosis), (lambda got: got.nothing, "no-unknown")])
    for actor in (a, b, c):
        await found(context, actor, (lambda got: not got.text, "never-back"))
    state = body(await context.http("GET", "/pool"))
    if not isinstance(state, dict) or not state.get("checkouts"):
        context.fail("not-from-the-pool")
    if state["in_use"]:
        context.fail("still-out", in_use=state["in_use"])
    if state["checkouts"] < 9:
        context.fail("one-for-all", checkouts=state["checkouts"])
    await a.leaves()
    await context.no_traceback("not-caught")


# 5. At most two


async def doubles(context: CheckContext, actor: ScriptedClient) -> None:
    number = context.number()
    await actor.send(str(number))
    await actor.receives(str(2 * number))


async def free_again(context: CheckContext, name: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which a place has just become free."""
    for pause in SETTLE:
        await asyncio.sleep(pause)
        try:
            return await context.client(name, rules=[(lambda got: got.status is not None, diagnosis)])
        except CheckFailed:
            if pause == SETTLE[-1]:
                raise
    raise AssertionError("unreachable")


async def third(context: CheckContext, name: str) -> None:
    await context.refused(
        name,
        rules=[
            (crashed, "no-close"),
            (lambda got: got.nothing, "no-close"),
            (lambda got: got.status is None, "third-in"),
        ],
    )


async def says_hello(context: CheckContext) -> None:
    await context.http("GET", "/", rules=[(lambda got: got.status != 200, "http-refused")])


@task("structure.5")
async def limits_in_a_middleware(context: CheckContext) -> None:
    await says_hello(context)
    a = await context.client("A", rules=[(lambda got: got.status is not None, "nobody-in")])
    b = await context.client("B", rules=[(lambda got: got.status is not None, "second-refused")])
    await doubles(context, a)
    await doubles(context, b)
    await third(context, "C")
    await says_hello(context)
    await third(context, "D")
    await a.leaves()
    e = await free_again(context, "E", "never-free")
    await third(context, "F")
    await e.send(context.word())
    await e.next()
    g = await free_again(context, "G", "leaks-on-crash")
    await doubles(context, g)
    await third(context, "H")
    await doubles(context, b)
