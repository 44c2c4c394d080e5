"""Checks of exercise 04: dependencies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from ...display.transcript import STATE
from ..context import Actor, Rule, Stage, Wrong
from ..received import Got
from ..registry import task

SETTLE = 0.02  # seconds in which a correct answer gives back what it borrowed
LATE = 0.3  # seconds more, for a busy machine


def let_in(got: Got) -> bool:
    return got.status is None and not got.nothing and not got.closed


async def turned_away(
    stage: Stage,
    name: str,
    path: str,
    diagnosis: str,
    *,
    rules: Sequence[Rule] = (),
    status: int = 403,
    look: int = 1,
    **options: Any,
) -> Got:
    """Expect a refused handshake, and name a client that is let in `diagnosis`.

    One that is closed within the next `look` things that come is `accepted-first`.
    """
    try:
        return await stage.refused(name, path, status=status, rules=[*rules, (let_in, diagnosis)], **options)
    except Wrong as wrong:
        if wrong.diagnosis == diagnosis:
            actor = stage._actors[-1]
            if any([(await actor.next(0.1)).closed for _ in range(look)]):
                stage.fail("accepted-first", who=name, path=path)
        raise


async def goodbye(stage: Stage, actor: Actor) -> None:
    await actor.leaves()
    await stage.no_traceback("not-caught")


# 1. Cookie or token

CREDENTIAL = "Session cookie or query token value is: "
NUMBER = "Query parameter q is: "


def is_message(got: Got) -> bool:
    return bool(got.text and got.text.startswith("Message text was: "))


def almost(line: str) -> Rule:
    """Return the rule for a line that differs from `line` in capitals, spaces and punctuation only."""

    def bare(text: str) -> str:
        return "".join(letter for letter in text.lower() if letter.isalnum())

    return (lambda got: got.text is not None and bare(got.text) == bare(line)), "almost"


async def exchange(stage: Stage, actor: Actor, item: str, value: str, q: int | None, *more: Rule) -> None:
    """Play one text, and the two or three lines that answer it."""
    word = stage.word()
    await actor.send(word)
    line = CREDENTIAL + value
    rules: list[Rule] = [
        *more,
        (lambda got: bool(got.text and got.text.startswith(CREDENTIAL) and "\n" in got.text), "one-frame"),
        (lambda got: got.text == f"{CREDENTIAL}None", "lost-value"),
        almost(line),
        (is_message, "no-credential-line"),
    ]
    await actor.receives(line, rules=rules)
    if q is not None:
        asked = f"{NUMBER}{q}"
        falsy: Rule = (lambda got: q == 0 and is_message(got), "q-zero")
        await actor.receives(asked, rules=[falsy, almost(asked), (is_message, "no-q-line")])
    last = f"Message text was: {word}, for item ID: {item}"
    none: Rule = (lambda got: bool(got.text and got.text.startswith(NUMBER)), "q-none")
    await actor.receives(
        last, rules=[none, almost(last), (lambda got: bool(got.text and item not in got.text), "no-item")]
    )


@task("dependencies.1")
async def takes_cookie_or_token(stage: Stage) -> None:
    item, other, token, session = (stage.word() for _ in range(4))
    path, q = f"/items/{item}/ws", stage.number()
    a = await stage.client("A", f"{path}?token={token}&q={q}", rules=[(refused_good, "refused-token")])
    await exchange(stage, a, item, token, q)
    b = await stage.client(
        "B", f"/items/{other}/ws", cookies={"session": session}, rules=[(refused_good, "refused-cookie")]
    )
    await exchange(stage, b, other, session, None)
    await exchange(stage, a, item, token, q, (lambda got: got.closed, "only-once"))
    await turned_away(stage, "C", path, "let-in", rules=[(crashed, "crashed")])
    await turned_away(stage, "D", f"{path}?token=", "empty-let-in")
    await turned_away(stage, "E", path, "empty-let-in", headers={"Cookie": "session="})
    await turned_away(stage, "F", f"{path}?token={token}&q={stage.word()}", "q-not-int")
    g = await stage.client("G", f"{path}?token={token}&q=0", cookies={"session": session})
    await exchange(stage, g, item, session, 0, (lambda got: got.text == CREDENTIAL + token, "token-won"))
    h = await stage.client(
        "H", f"{path}?token={token}", headers={"Cookie": "session="}, rules=[(refused_good, "refused-both")]
    )
    await exchange(stage, h, item, token, None, (lambda got: got.text == CREDENTIAL, "lost-value"))
    await goodbye(stage, a)


def refused_good(got: Got) -> bool:
    return got.status in (401, 403, 422)


def crashed(got: Got) -> bool:
    return got.status == 500


# 2. Role by scope


async def welcomed(stage: Stage, actor: Actor, name: str) -> None:
    token: Rule = (lambda got: bool(got.text and got.text.startswith(f"hello {name}.")), "whole-token")
    await actor.receives(f"hello {name}", rules=[token])
    await actor.closed(1000)


@task("dependencies.2")
async def guards_by_scope(stage: Stage) -> None:
    name, other, third, extra = (stage.word() for _ in range(4))
    refused: list[Rule] = [(refused_good, "refused-entitled")]
    a = await stage.client("A", f"/read?token={name}.read", rules=refused)
    await welcomed(stage, a, name)
    b = await stage.client("B", f"/write?token={other}.write.read", rules=refused)
    await welcomed(stage, b, other)
    await turned_away(stage, "C", f"/read?token={name}", "no-scopes")
    await turned_away(stage, "D", f"/write?token={name}.read", "any-scope")
    await turned_away(stage, "E", f"/write?token={name}.write", "any-scope")
    await turned_away(stage, "F", f"/read?token={name}.{extra}read", "part-of-a-word")
    await turned_away(stage, "G", f"/read?token=read.{extra}", "name-as-scope")
    await turned_away(stage, "H", "/read", "let-in-without")
    i = await stage.client("I", f"/read?token={third}.{extra}.write.read", rules=[(refused_good, "exact-only")])
    await welcomed(stage, i, third)


# 3. Always give it back


async def desk_of(stage: Stage, actor: Actor) -> str:
    """Play one division, and return the desk that the reply names."""
    divisor = stage.random.randint(2, 20)
    await actor.send(str(divisor))
    wanted = f": {100 // divisor}"
    none: Rule = (lambda got: got.text == f"None{wanted}", "no-value")
    got = await actor.receives_where(
        lambda got: bool(got.text and got.text.endswith(wanted) and not none[0](got)),
        f"TEXT 'desk …{wanted}'",
        rules=[none],
    )
    return str(got.text).removesuffix(wanted)


async def sits_down(stage: Stage, name: str, diagnosis: str) -> tuple[Actor, str]:
    """Connect a client for which a desk has just become free, and return it with its desk."""
    await asyncio.sleep(SETTLE)
    rules: list[Rule] = [(lambda got: got.status in (403, 500), diagnosis)]
    try:
        actor = await stage.client(name, rules=rules)
    except Wrong:
        await asyncio.sleep(LATE)
        actor = await stage.client(name, rules=rules)
    return actor, await desk_of(stage, actor)


@task("dependencies.3")
async def gives_back(stage: Stage) -> None:
    a = await stage.client("A", rules=[(crashed, "crashed")])
    b = await stage.client("B")
    desks = {await desk_of(stage, a), await desk_of(stage, b)}
    if len(desks) == 1:
        stage.fail("same-desk", desk=desks.pop())
    await turned_away(stage, "C", "/ws", "third-let-in", rules=[(crashed, "empty-crash")])
    await a.leaves()
    d, _ = await sits_down(stage, "D", "leaks-on-leave")
    await d.aborts()
    e, _ = await sits_down(stage, "E", "leaks-on-abort")
    await e.send(stage.word())
    stage.expected.add("E", STATE, "CLOSED 1006 (connection lost)")
    await e.next()
    f, taken = await sits_down(stage, "F", "leaks-on-crash")
    await turned_away(stage, "G", "/ws", "given-back-twice")
    if await desk_of(stage, b) == taken:
        stage.fail("same-desk", desk=taken)


# 4. A refusal that explains


@task("dependencies.4")
async def explains_refusals(stage: Stage) -> None:
    room, seat = stage.number(), stage.number()
    cases: list[tuple[str, list[str]]] = [
        (f"/rooms/{stage.word()}/ws?seat={seat}", ["room"]),
        (f"/rooms/{room}/ws?seat={stage.word()}", ["seat"]),
        (f"/rooms/{stage.word()}/ws?seat={stage.word()}", ["room", "seat"]),
    ]
    for name, (path, wrong) in zip("ABC", cases, strict=True):
        rules: list[Rule] = [
            (lambda got: got.status == 403, "still-403"),
            (crashed, "crashed"),
            (lambda got: got.status == 200, "status-200"),
        ]
        got = await turned_away(stage, name, path, "let-in", rules=rules, status=422, look=2)
        judge_body(stage, name, got.body, wrong)
    d = await stage.client("D", f"/rooms/{room}/ws?seat={seat}")
    await d.closed(1000, f"room {room}, seat {seat}")


def judge_body(stage: Stage, who: str, body: bytes, wrong: list[str]) -> None:
    fields = {
        "who": who,
        "expected": json.dumps({"wrong": wrong}),
        "body": body.decode(errors="replace")[:200] or "nothing",
    }
    try:
        said = json.loads(body)
    except ValueError:
        stage.fail("no-json", **fields)
    if said == {"wrong": wrong}:
        return
    inside = said.get("wrong") if isinstance(said, dict) else None
    if isinstance(inside, str) and [inside] == wrong:
        stage.fail("not-a-list", **fields)
    if isinstance(inside, list) and wrong[0] in [entry[-1] for entry in inside if isinstance(entry, list) and entry]:
        stage.fail("whole-loc", **fields)
    if isinstance(said, dict) and "detail" in said:
        stage.fail("detail", **fields)
    if isinstance(inside, list) and len(wrong) == 2 and len(inside) == 1:
        stage.fail("first-only", **fields)
    stage.fail("wrong-body", **fields)


# 5. A budget per connection


@task("dependencies.5")
async def spends_a_budget(stage: Stage) -> None:
    limit = stage.random.randint(2, 4)
    a, b = await stage.client("A", f"/ws?limit={limit}"), await stage.client("B", f"/ws?limit={limit}")
    lost: Rule = (lambda got: got.lost, "lost")
    for number in range(1, limit + 1):
        early: Rule = (lambda got, last=number == limit: got.code == 4008 and last, "one-short")  # type: ignore[misc]
        await echoed(stage, a, lost, early, (lambda got: got.code == 4008, "too-early"))
    await overdrawn(stage, a)
    for _ in range(limit):
        await echoed(stage, b, lost, (lambda got: got.code == 4008, "shared-budget"))
    await overdrawn(stage, b)
    c = await stage.client("C")
    for _ in range(3):
        await echoed(stage, c, lost, (lambda got: got.code == 4008, "limit-ignored"))
    await overdrawn(stage, c)


async def echoed(stage: Stage, actor: Actor, *rules: Rule) -> None:
    word = stage.word()
    await actor.send(word)
    await actor.receives(word, rules=rules)


async def overdrawn(stage: Stage, actor: Actor) -> None:
    await actor.send(stage.word())
    await actor.closed(
        4008,
        "budget spent",
        rules=[
            (lambda got: got.lost, "not-a-close"),
            (lambda got: got.text is not None, "not-closed"),
            (lambda got: got.code == 4008, "wrong-reason"),
            (lambda got: got.closed, "wrong-code"),
        ],
    )
