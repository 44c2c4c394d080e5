"""Checks of exercise 08: structure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from ..context import Actor, Rule, Stage, Wrong
from ..received import Got
from ..registry import task

SETTLE = (0.02, 0.1, 0.5)  # seconds in which an answer notices who left; on a busy machine it may take the last


def lost(got: Got) -> bool:
    return got.lost


def refused(got: Got) -> bool:
    return got.status in (401, 403, 404, 422)


def crashed(got: Got) -> bool:
    return got.status == 500


def body(got: Got) -> Any:
    try:
        return json.loads(got.body)
    except ValueError:
        return None


def said(got: Got) -> str:
    return got.body.decode(errors="replace")[:200] or "nothing"


async def echoes(stage: Stage, actor: Actor, *rules: Rule) -> None:
    word = stage.word()
    await actor.send(word)
    await actor.receives(word, rules=rules)


# 1. A router of one's own

KEY = {"key": "1234"}


@task("structure.1")
async def includes_a_router(stage: Stage) -> None:
    guarded: Rule = (lambda got: got.status == 403, "open-refused")
    a = await stage.client("A", "/open/ws", rules=[guarded])
    await echoes(stage, a)
    b = await stage.client("B", "/members/ws", query=KEY, rules=[(refused, "member-refused")])
    await echoes(stage, b)
    for name, path in (("C", "/members/ws"), ("D", f"/members/ws?key={stage.word()}")):
        await stage.refused(
            name, path, rules=[(lambda got: got.status is None and not got.nothing, "socket-unguarded")]
        )
    absent: Rule = (lambda got: got.status == 404, "no-about")
    for path, params in (("/open/about", {}), ("/members/about", KEY)):
        got = await stage.http("GET", path, rules=[absent], params=params)
        if body(got) != {"talks": True}:
            stage.fail("wrong-about", path=path, body=said(got))
    await stage.http("GET", "/members/about", status=403, rules=[(lambda got: got.status == 200, "about-unguarded")])
    await echoes(stage, a, (lambda got: got.closed, "only-once"))
    await a.leaves()
    await stage.no_traceback("not-caught")


# 2. From a POST to every socket


async def published(stage: Stage, readers: Sequence[Actor], *rules: Rule) -> None:
    """Post a note, and expect that each of `readers` gets it, and that they are counted."""
    word = stage.word()
    got = await stage.http("POST", "/notes", json={"text": word}, rules=rules)
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
        stage.fail("no-number", body=said(got))
    if answer["readers"] > len(readers):
        stage.fail("ghost", number=answer["readers"], present=len(readers))
    if answer["readers"] != len(readers):
        stage.fail("wrong-number", number=answer["readers"], present=len(readers))


async def published_soon(stage: Stage, readers: Sequence[Actor], *rules: Rule) -> None:
    """Expect `published`, at the latest when the answer has had time to notice who left."""
    for pause in SETTLE:
        await asyncio.sleep(pause)
        try:
            return await published(stage, readers, *rules)
        except Wrong as wrong:
            if pause == SETTLE[-1] or wrong.diagnosis not in ("ghost", "dead-breaks"):
                raise
        for actor in readers:
            while (await actor.next(SETTLE[0])).text is not None:
                pass  # what a POST that failed half-way has sent already


@task("structure.2")
async def publishes_from_a_post(stage: Stage) -> None:
    rules: list[Rule] = [
        (lambda got: got.status in (404, 405), "no-post"),
        (lambda got: got.status == 422, "not-the-body"),
    ]
    a = await stage.client("A")
    await published(stage, [a], *rules, (crashed, "crashed"))
    b, c = await stage.client("B"), await stage.client("C")
    await published(stage, [a, b, c], *rules, (crashed, "crashed"))
    await b.leaves()
    broken: Rule = (crashed, "dead-breaks")
    await published_soon(stage, [a, c], broken)
    await c.aborts()
    await published_soon(stage, [a], broken)
    await a.send(stage.word())
    await published(stage, [a], broken)


# 3. A class that counts


def miscounts(number: int, here: int) -> list[Rule]:
    def numbers(got: Got) -> tuple[int, int] | None:
        words = (got.text or "").replace(",", "").split()
        digits = [int(word) for word in words if word.isdecimal()]
        return (digits[0], digits[1]) if len(digits) == 2 else None

    def reads(first: Any, second: Any) -> Any:
        def applies(got: Got) -> bool:
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


async def counted(stage: Stage, actor: Actor, number: int, here: int) -> None:
    await actor.send(stage.word())
    await actor.receives(f"text {number}, {here} here", rules=miscounts(number, here))


async def counted_soon(stage: Stage, actor: Actor, number: int, here: int) -> int:
    """Expect `counted`, at the latest when the answer has had time to notice who left. Return the next number."""
    for pause in SETTLE:
        await asyncio.sleep(pause)
        try:
            await counted(stage, actor, number, here)
        except Wrong as wrong:
            if wrong.diagnosis != "ghost" or pause == SETTLE[-1]:
                raise
        else:
            break
        finally:
            number += 1
    return number


@task("structure.3")
async def counts_in_a_class(stage: Stage) -> None:
    unaccepted: list[Rule] = [(lambda got: got.nothing or got.status == 500, "no-accept")]
    a = await stage.client("A", rules=unaccepted)
    await counted(stage, a, 1, 1)
    await counted(stage, a, 2, 1)
    b = await stage.client("B")
    await counted(stage, b, 1, 2)
    await counted(stage, a, 3, 2)
    c = await stage.client("C")
    await counted(stage, c, 1, 3)
    await b.leaves()
    number = await counted_soon(stage, a, 4, 2)
    await c.send(stage.blob())
    await c.closed(
        1003,
        rules=[(lambda got: got.text is not None, "no-encoding"), (lost, "lost-on-binary")],
    )
    await counted_soon(stage, a, number, 1)


# 4. Borrow, and give back


async def found(stage: Stage, actor: Actor, *rules: Rule) -> None:
    number = stage.number()
    await actor.send(str(number))
    await actor.receives(f"item {number}", rules=rules)


@task("structure.4")
async def borrows_per_text(stage: Stage) -> None:
    held: list[Rule] = [
        (lambda got: got.nothing or got.closed or got.status is not None, "held"),
    ]
    a = await stage.client("A", rules=[(crashed, "crashed")])
    await found(stage, a, (lambda got: got.lost, "crashed-on-text"))
    b = await stage.client("B")
    await found(stage, b)
    c = await stage.client("C", rules=held)
    await found(stage, c, *held)
    for diagnosis in ("lost-on-unknown", "never-back", "never-back"):
        await a.send(stage.word())
        await a.receives("unknown", rules=[(lost, diagnosis), (lambda got: got.nothing, "no-unknown")])
    for actor in (a, b, c):
        await found(stage, actor, (lambda got: not got.text, "never-back"))
    state = body(await stage.http("GET", "/pool"))
    if not isinstance(state, dict) or not state.get("lent"):
        stage.fail("not-from-the-pool")
    if state["out"]:
        stage.fail("still-out", out=state["out"])
    if state["lent"] < 9:
        stage.fail("one-for-all", lent=state["lent"])
    await a.leaves()
    await stage.no_traceback("not-caught")


# 5. At most two


async def doubles(stage: Stage, actor: Actor) -> None:
    number = stage.number()
    await actor.send(str(number))
    await actor.receives(str(2 * number))


async def free_again(stage: Stage, name: str, diagnosis: str) -> Actor:
    """Connect a client for which a place has just become free."""
    for pause in SETTLE:
        await asyncio.sleep(pause)
        try:
            return await stage.client(name, rules=[(lambda got: got.status is not None, diagnosis)])
        except Wrong:
            if pause == SETTLE[-1]:
                raise
    raise AssertionError("unreachable")


async def third(stage: Stage, name: str) -> None:
    await stage.refused(
        name,
        rules=[
            (crashed, "no-close"),
            (lambda got: got.nothing, "no-close"),
            (lambda got: got.status is None, "third-in"),
        ],
    )


async def says_hello(stage: Stage) -> None:
    await stage.http("GET", "/", rules=[(lambda got: got.status != 200, "http-refused")])


@task("structure.5")
async def limits_in_a_middleware(stage: Stage) -> None:
    await says_hello(stage)
    a = await stage.client("A", rules=[(lambda got: got.status is not None, "nobody-in")])
    b = await stage.client("B", rules=[(lambda got: got.status is not None, "second-refused")])
    await doubles(stage, a)
    await doubles(stage, b)
    await third(stage, "C")
    await says_hello(stage)
    await third(stage, "D")
    await a.leaves()
    e = await free_again(stage, "E", "never-free")
    await third(stage, "F")
    await e.send(stage.word())
    await e.next()
    g = await free_again(stage, "G", "leaks-on-crash")
    await doubles(stage, g)
    await third(stage, "H")
    await doubles(stage, b)
