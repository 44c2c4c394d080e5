"""Checks of exercise 06: dependencies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from ...display.transcript import STATE
from ..context import CheckContext, CheckFailed, Rule, ScriptedClient
from ..received import Received
from ..registry import task

SETTLE = 0.02  # seconds in which a correct answer gives back what it borrowed
LATE = 0.3  # seconds more, for a busy machine


def let_in(got: Received) -> bool:
    return got.status is None and not got.nothing and not got.closed


async def turned_away(
    context: CheckContext,
    name: str,
    path: str,
    diagnosis: str,
    *,
    rules: Sequence[Rule] = (),
    status: int = 403,
    look: int = 1,
    **options: Any,
) -> Received:
    """Expect a refused handshake, and name a client that is let in `diagnosis`.

    One that is closed within the next `look` things that come is `accepted-first`.
    """
    try:
        return await context.refused(name, path, status=status, rules=[*rules, (let_in, diagnosis)], **options)
    except CheckFailed as wrong:
        if wrong.diagnosis == diagnosis:
            actor = context._actors[-1]
            if any([(await actor.next(0.1)).closed for _ in range(look)]):
                context.fail("accepted-first", who=name, path=path)
        raise


async def goodbye(context: CheckContext, actor: ScriptedClient) -> None:
    await actor.leaves()
    await context.no_traceback("not-caught")


# 1. Cookie or token

CREDENTIAL = "Session cookie or query token value is: "
NUMBER = "Query parameter q is: "


def is_message(got: Received) -> bool:
    return bool(got.text and got.text.startswith("Message text was: "))


def almost(line: str) -> Rule:
    """Return the rule for a line that differs from `line` in capitals, spaces and punctuation only."""

    def bare(text: str) -> str:
        return "".join(letter for letter in text.lower() if letter.isalnum())

    return (lambda got: got.text is not None and bare(got.text) == bare(line)), "almost"


async def exchange(
    context: CheckContext, actor: ScriptedClient, item: str, value: str, q: int | None, *more: Rule
) -> None:
    """Play one text, and the two or three lines that answer it."""
    word = context.word()
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
async def takes_cookie_or_token(context: CheckContext) -> None:
    item, other, token, session = (context.word() for _ in range(4))
    path, q = f"/items/{item}/ws", context.number()
    a = await context.client("A", f"{path}?token={token}&q={q}", rules=[(refused_good, "refused-token")])
    await exchange(context, a, item, token, q)
    b = await context.client(
        "B", f"/items/{other}/ws", cookies={"session": session}, rules=[(refused_good, "refused-cookie")]
    )
    await exchange(context, b, other, session, None)
    await exchange(context, a, item, token, q, (lambda got: got.closed, "only-once"))
    await turned_away(context, "C", path, "let-in", rules=[(crashed, "crashed")])
    await turned_away(context, "D", f"{path}?token=", "empty-let-in")
    await turned_away(context, "E", path, "empty-let-in", headers={"Cookie": "session="})
    await turned_away(context, "F", f"{path}?token={token}&q={context.word()}", "q-not-int")
    g = await context.client("G", f"{path}?token={token}&q=0", cookies={"session": session})
    await exchange(context, g, item, session, 0, (lambda got: got.text == CREDENTIAL + token, "token-won"))
    h = await context.client(
        "H", f"{path}?token={token}", headers={"Cookie": "session="}, rules=[(refused_good, "refused-both")]
    )
    await exchange(context, h, item, token, None, (lambda got: got.text == CREDENTIAL, "lost-value"))
    await goodbye(context, a)


def refused_good(got: Received) -> bool:
    return got.status in (401, 403, 422)


def crashed(got: Received) -> bool:
    return got.status == 500


# 2. Role by scope


async def welcomed(context: CheckContext, actor: ScriptedClient, name: str) -> None:
    token: Rule = (lambda got: bool(got.text and got.text.startswith(f"hello {name}.")), "whole-token")
    await actor.receives(f"hello {name}", rules=[token])
    await actor.closed(1000)


@task("dependencies.2")
async def guards_by_scope(context: CheckContext) -> None:
    name, other, third, extra = (context.word() for _ in range(4))
    refused: list[Rule] = [(refused_good, "refused-entitled")]
    a = await context.client("A", f"/read?token={name}.read", rules=refused)
    await welcomed(context, a, name)
    b = await context.client("B", f"/write?token={other}.write.read", rules=refused)
    await welcomed(context, b, other)
    await turned_away(context, "C", f"/read?token={name}", "no-scopes")
    await turned_away(context, "D", f"/write?token={name}.read", "any-scope")
    await turned_away(context, "E", f"/write?token={name}.write", "any-scope")
    await turned_away(context, "F", f"/read?token={name}.{extra}read", "part-of-a-word")
    await turned_away(context, "G", f"/read?token=read.{extra}", "name-as-scope")
    await turned_away(context, "H", "/read", "let-in-without")
    i = await context.client("I", f"/read?token={third}.{extra}.write.read", rules=[(refused_good, "exact-only")])
    await welcomed(context, i, third)


# 3. Always give it back


async def desk_of(context: CheckContext, actor: ScriptedClient) -> str:
    """Play one division, and return the desk that the reply names."""
    divisor = context.random.randint(2, 20)
    await actor.send(str(divisor))
    wanted = f": {100 // divisor}"
    none: Rule = (lambda got: got.text == f"None{wanted}", "no-value")
    got = await actor.receives_where(
        lambda got: bool(got.text and got.text.endswith(wanted) and not none[0](got)),
        f"TEXT 'desk …{wanted}'",
        rules=[none],
    )
    return str(got.text).removesuffix(wanted)


async def sits_down(context: CheckContext, name: str, diagnosis: str) -> tuple[ScriptedClient, str]:
    """Connect a client for which a desk has just become free, and return it with its desk."""
    await asyncio.sleep(SETTLE)
    rules: list[Rule] = [(lambda got: got.status in (403, 500), diagnosis)]
    try:
        actor = await context.client(name, rules=rules)
    except CheckFailed:
        await asyncio.sleep(LATE)
        actor = await context.client(name, rules=rules)
    return actor, await desk_of(context, actor)


@task("dependencies.3")
async def gives_back(context: CheckContext) -> None:
    a = await context.client("A", rules=[(crashed, "crashed")])
    b = await context.client("B")
    desks = {await desk_of(context, a), await desk_of(context, b)}
    if len(desks) == 1:
        context.fail("same-desk", desk=desks.pop())
    await turned_away(context, "C", "/ws", "third-let-in", rules=[(crashed, "empty-crash")])
    await a.leaves()
    d, _ = await sits_down(context, "D", "leaks-on-leave")
    await d.aborts()
    e, _ = await sits_down(context, "E", "leaks-on-abort")
    await e.send(context.word())
    context.expected.add("E", STATE, "CLOSED 1006 (connection lost)")
    await e.next()
    f, taken = await sits_down(context, "F", "leaks-on-crash")
    await turned_away(context, "G", "/ws", "given-back-twice")
    if await desk_of(context, b) == taken:
        context.fail("same-desk", desk=taken)


# 4. A refusal that explains


@task("dependencies.4")
async def explains_refusals(context: CheckContext) -> None:
    room, seat = context.number(), context.number()
    cases: list[tuple[str, list[str]]] = [
        (f"/rooms/{context.word()}/ws?seat={seat}", ["room"]),
        (f"/rooms/{room}/ws?seat={context.word()}", ["seat"]),
        (f"/rooms/{context.word()}/ws?seat={context.word()}", ["room", "seat"]),
    ]
    for name, (path, wrong) in zip("ABC", cases, strict=True):
        rules: list[Rule] = [
            (lambda got: got.status == 403, "still-403"),
            (crashed, "crashed"),
            (lambda got: got.status == 200, "status-200"),
        ]
        got = await turned_away(context, name, path, "let-in", rules=rules, status=422, look=2)
        judge_body(context, name, got.body, wrong)
    d = await context.client("D", f"/rooms/{room}/ws?seat={seat}")
    await d.closed(1000, f"room {room}, seat {seat}")


def judge_body(context: CheckContext, who: str, body: bytes, wrong: list[str]) -> None:
    fields = {
        "who": who,
        "expected": json.dumps({"wrong": wrong}),
        "body": body.decode(errors="replace")[:200] or "nothing",
    }
    try:
        said = json.loads(body)
    except ValueError:
        context.fail("no-json", **fields)
    if said == {"wrong": wrong}:
        return
    inside = said.get("wrong") if isinstance(said, dict) else None
    if isinstance(inside, str) and [inside] == wrong:
        context.fail("not-a-list", **fields)
    if isinstance(inside, list) and wrong[0] in [entry[-1] for entry in inside if isinstance(entry, list) and entry]:
        context.fail("whole-loc", **fields)
    if isinstance(said, dict) and "detail" in said:
        context.fail("detail", **fields)
    if isinstance(inside, list) and len(wrong) == 2 and len(inside) == 1:
        context.fail("first-only", **fields)
    context.fail("wrong-body", **fields)


# 5. A budget per connection


@task("dependencies.5")
async def spends_a_budget(context: CheckContext) -> None:
    limit = context.random.randint(2, 4)
    a, b = await context.client("A", f"/ws?limit={limit}"), await context.client("B", f"/ws?limit={limit}")
    lost: Rule = (lambda got: got.lost, "lost")
    for number in range(1, limit + 1):
        early: Rule = (lambda got, last=number == limit: got.code == 4008 and last, "one-short")  # type: ignore[misc]
        await echoed(context, a, lost, early, (lambda got: got.code == 4008, "too-early"))
    await overdrawn(context, a)
    for _ in range(limit):
        await echoed(context, b, lost, (lambda got: got.code == 4008, "shared-budget"))
    await overdrawn(context, b)
    c = await context.client("C")
    for _ in range(3):
        await echoed(context, c, lost, (lambda got: got.code == 4008, "limit-ignored"))
    await overdrawn(context, c)


async def echoed(context: CheckContext, actor: ScriptedClient, *rules: Rule) -> None:
    word = context.word()
    await actor.send(word)
    await actor.receives(word, rules=rules)


async def overdrawn(context: CheckContext, actor: ScriptedClient) -> None:
    await actor.send(context.word())
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
