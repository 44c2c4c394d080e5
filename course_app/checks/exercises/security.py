"""Checks of exercise 14: security."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...display.transcript import STATE
from ..context import CheckContext, CheckFailed, Rule, ScriptedClient
from ..received import Received
from ..registry import task

SETTLE = 0.02  # seconds in which a correct answer gives back a place
LATE = 0.3  # seconds more, for a busy machine


def let_in(got: Received) -> bool:
    return got.status is None and not got.nothing and not got.closed


def refused(got: Received) -> bool:
    return got.status in (401, 403, 422)


def crashed(got: Received) -> bool:
    return got.status == 500


async def turned_away(
    context: CheckContext, name: str, path: str, diagnosis: str, *, fields: dict[str, Any] | None = None, **options: Any
) -> None:
    """Expect HTTP 403, and name a client that is let in `diagnosis`; one that is closed unheard is `accepted-first`."""
    try:
        await context.refused(name, path, rules=[(crashed, "crashed")], **options)
    except CheckFailed as wrong:
        if wrong.diagnosis != "not-refused":
            raise
        first = await context._actors[-1].next(0.1)
        context.fail("accepted-first" if first.closed else diagnosis, who=name, path=path, **(fields or {}))


# 1. Stop a hijack


async def shows_balance(context: CheckContext, name: str, session: str, diagnosis: str, origin: str | None) -> None:
    rules: list[Rule] = [(refused, diagnosis), (crashed, "crashed")]
    actor = await context.client(name, cookies={"session": session}, origin=origin, rules=rules)
    await actor.receives(f"balance of {session}: 100")
    await actor.closed(1000)


@task("security.1")
async def stops_a_hijack(context: CheckContext) -> None:
    session, evil = context.word(), context.word()
    await shows_balance(context, "A", session, "own-page-refused", "https://bank.example")
    foreign = [
        (f"https://{evil}.example", "hijacked"),
        (f"https://bank.example.{evil}.com", "begins-alike"),
        (f"https://{evil}bank.example", "ends-alike"),
        (f"https://{evil}.bank.example", "ends-alike"),
        ("http://bank.example", "other-scheme"),
        ("https://bank.example:8443", "other-port"),
        ("http://localhost:3000", "other-port"),
        ("null", "null-let-in"),
    ]
    for name, (origin, diagnosis) in zip("BCDEFGHI", foreign, strict=True):
        fields = {"origin": origin}
        await turned_away(context, name, "/ws", diagnosis, fields=fields, cookies={"session": session}, origin=origin)
    await shows_balance(context, "J", session, "own-page-refused", "http://localhost:8000")
    await shows_balance(context, "K", session, "no-origin-refused", None)


# 2. A ticket for one ride

LIFETIME = 0.5  # seconds; the exercise says so
SHORTEST = 16  # characters that a random ticket has at least
SESSIONS = {"ada": "s-4711", "bob": "s-0815"}


async def ticket_for(context: CheckContext, user: str) -> str:
    cookies = {"session": SESSIONS[user]}
    got = await context.http("POST", "/ticket", name=user, cookies=cookies, rules=[(refused, "session-refused")])
    ticket = got.json.get("ticket") if isinstance(got.json, dict) else None
    if not isinstance(ticket, str) or not ticket:
        context.fail("no-ticket", body=got.body.decode(errors="replace")[:100])
    if len(ticket) < SHORTEST or user in ticket or SESSIONS[user] in ticket:
        context.fail("guessable", ticket=ticket[:60])
    return ticket


async def rides(context: CheckContext, ticket: str, user: str, other: str) -> None:
    rules: list[Rule] = [(refused, "ticket-refused"), (crashed, "crashed")]
    actor = await context.client(user, f"/ws?ticket={ticket}", rules=rules)
    await actor.receives(f"hello {user}", rules=[(lambda got: got.text == f"hello {other}", "wrong-user")])
    await actor.closed(1000)


async def both_ride(context: CheckContext, attempts: int = 6) -> str:
    """Let two users ride, the later ticket first; return a ticket that is used. A slow machine gets another chance."""
    began = time.monotonic()
    ada, again, bob = [await ticket_for(context, user) for user in ("ada", "ada", "bob")]
    if len({ada, again, bob}) < 3:
        context.fail("same-ticket")
    try:
        await rides(context, bob, "bob", "ada")
        await rides(context, ada, "ada", "bob")
    except CheckFailed as wrong:
        slow = time.monotonic() - began > LIFETIME / 2
        if wrong.diagnosis != "ticket-refused" or not slow or attempts == 1:
            raise
        return await both_ride(context, attempts - 1)
    return ada


@task("security.2")
async def one_ticket_one_ride(context: CheckContext) -> None:
    strangers: list[Rule] = [(lambda got: got.status == 200, "anybody-gets-one")]
    cookies = {"session": context.word()}
    await context.http("POST", "/ticket", name="eve", status=401, rules=strangers, cookies=cookies)
    await context.http("POST", "/ticket", name="eve", status=401, rules=strangers)
    old = await ticket_for(context, "bob")
    over = time.monotonic() + LIFETIME
    used = await both_ride(context)
    await turned_away(context, "eve", f"/ws?ticket={context.word() * 4}", "any-ticket")
    await turned_away(context, "eve", "/ws?ticket=", "any-ticket")
    await turned_away(context, "eve", f"/ws?ticket={used}", "replayed")
    await turned_away(context, "eve", "/ws", "cookie-is-enough", cookies={"session": SESSIONS["ada"]})
    await asyncio.sleep(max(0.0, over + 0.1 - time.monotonic()))
    await turned_away(context, "eve", f"/ws?ticket={old}", "never-expires")


# 3. A limit that outlives the connection

BURST, PER_SECOND = 5, 5.0
FLOOD = 12  # texts, sent at once


@dataclass(frozen=True)
class Flood:
    """How many texts were answered, within how many seconds, and what came then."""

    answered: int
    seconds: float
    end: Received

    @property
    def most(self) -> int:
        """The number of texts that a full bucket pays for in that time."""
        return BURST + int(self.seconds * PER_SECOND)


async def flood(context: CheckContext, name: str, user: str, actor: ScriptedClient | None = None) -> Flood:
    actor = actor or await context.client(name, f"/ws?user={user}")
    began, answered = time.monotonic(), 0
    words = [context.word() for _ in range(FLOOD)]
    for word in words:
        await actor.send(word)
    context.expected.add(name, STATE, f"CLOSED 4029 after {BURST} replies")
    got = await actor.next()
    while got.text is not None:
        if got.text != words[answered]:
            context.fail("no-echo", who=name, expected=words[answered], got=got)
        answered += 1
        if answered == FLOOD:
            break
        got = await actor.next()
    return Flood(answered, time.monotonic() - began, got)


async def judge_end(context: CheckContext, name: str, result: Flood) -> None:
    """Fail unless the flood ended with 4029."""
    fields = {"who": name, "answered": result.answered, "got": result.end, "sent": FLOOD}
    if result.answered == FLOOD:
        context.fail("not-limited", **fields)
    if result.end.nothing:
        context.fail("dropped", **fields)
    if result.end.lost:
        context.fail("lost-at-the-limit", **fields, log=await context.log_line())
    if result.end.code != 4029:
        context.fail("other-code", **fields)


async def speaks(context: CheckContext, actor: ScriptedClient, closed: str) -> None:
    """Play one text for which there is a token; `closed` names an answer that says otherwise."""
    word = context.word()
    await actor.send(word)
    await actor.receives(word, rules=[(lambda got: got.code == 4029, closed)])


@task("security.3")
async def limits_a_user(context: CheckContext) -> None:
    ada, bob = context.word(), context.word()
    began = time.monotonic()
    burst = await flood(context, "A", ada)
    if burst.answered == 0 and burst.end.code == 4029:
        context.fail("empty-at-first", who="A")
    await judge_end(context, "A", burst)
    if not BURST <= burst.answered <= burst.most:
        context.fail("wrong-burst", who="A", answered=burst.answered)
    frugal = await context.client("B", f"/ws?user={bob}")
    await speaks(context, frugal, "shared-by-all")
    again = await flood(context, "C", ada)
    if burst.answered + again.answered > BURST + int((time.monotonic() - began) * PER_SECOND):
        context.fail("reconnect-resets", who="C", answered=again.answered)
    await judge_end(context, "C", again)
    await asyncio.sleep(0.45)
    late = await context.client("D", f"/ws?user={ada}")
    await speaks(context, late, "no-refill")
    saved = await flood(context, "B", bob, frugal)
    await judge_end(context, "B", saved)
    if saved.answered > saved.most:
        context.fail("no-cap", who="B", answered=saved.answered)


# 4. The first message says who

TOKENS = {"ada": "t-4711", "bob": "t-0815"}
GRACE = 0.4  # seconds; the exercise says so


def unwelcome(lost: str) -> list[Rule]:
    """Return the rules for a client that should be closed with 4401."""
    return [
        (lambda got: got.lost, lost),
        (lambda got: got.text is not None, "let-in-unknown"),
        (lambda got: got.closed, "other-code"),
    ]


async def says_first(context: CheckContext, name: str, payload: str | bytes, attempts: int = 5) -> ScriptedClient:
    """Connect and send a first message. A machine that takes half of the time for that gets another chance."""
    began = time.monotonic()
    actor = await context.client(name)
    await actor.send(payload)
    if time.monotonic() - began < GRACE / 2 or attempts == 1:
        return actor
    await actor.leaves()
    return await says_first(context, name, payload, attempts - 1)


async def signs_in(context: CheckContext, name: str, user: str) -> ScriptedClient:
    actor = await says_first(context, name, TOKENS[user])
    await actor.receives(f"hello {user}", rules=[(lambda got: got.closed and not got.lost, "token-refused")])
    return actor


async def talks(context: CheckContext, actor: ScriptedClient, user: str, *rules: Rule) -> None:
    word = context.word()
    await actor.send(word)
    await actor.receives(f"{user}: {word}", rules=rules)


@task("security.4")
async def asks_first(context: CheckContext) -> None:
    silent, began = await context.client("A", rules=[(refused, "refused")]), time.monotonic()
    bob = await signs_in(context, "B", "bob")
    await talks(context, bob, "bob")
    ada = await signs_in(context, "C", "ada")
    await talks(context, ada, "ada", (lambda got: got.text is not None and got.text.startswith("bob"), "wrong-user"))
    payloads: Sequence[tuple[str, str | bytes, str]] = [
        ("D", f"t-{context.number()}", "lost-on-unknown"),
        ("E", "", "lost-on-unknown"),
        ("F", context.blob(), "lost-on-binary"),
    ]
    for name, payload, lost in payloads:
        stranger = await says_first(context, name, payload)
        await stranger.closed(4401, rules=unwelcome(lost))
    shy = await context.client("G")
    await shy.leaves()
    await context.no_traceback("not-caught")
    await silent.closed(
        4408,
        rules=[
            (lambda got: got.nothing, "never-times-out"),
            (lambda got: got.lost, "lost-on-time-out"),
            (lambda got: got.text is not None, "spoke-first"),
            (lambda got: got.closed, "other-code"),
        ],
    )
    if time.monotonic() - began < GRACE * 0.6:
        context.fail("too-early", who="A")
    await asyncio.sleep(0.1)
    for actor, user in ((ada, "ada"), (bob, "bob")):
        await talks(context, actor, user, (lambda got: got.closed, "timed-out-inside"))
    await bob.leaves()
    await context.no_traceback("not-caught")


# 5. Two at a time


async def seated(context: CheckContext, name: str, user: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which there is a place, and hear it answered."""
    actor = await context.client(name, f"/ws?user={user}", rules=[(refused, diagnosis)])
    await talks(context, actor, user, (lambda got: got.code == 1013, diagnosis))
    return actor


async def freed(context: CheckContext, name: str, user: str, diagnosis: str) -> ScriptedClient:
    """Connect a client for which a place has just become free."""
    await asyncio.sleep(SETTLE)
    try:
        return await seated(context, name, user, diagnosis)
    except CheckFailed as wrong:
        if wrong.diagnosis != diagnosis:
            raise
    await asyncio.sleep(LATE)
    return await seated(context, name, user, diagnosis)


async def one_too_many(context: CheckContext, name: str, user: str, diagnosis: str) -> None:
    actor = await context.client(name, f"/ws?user={user}", rules=[(refused, "refused-before")])
    await actor.send(context.word())
    await actor.closed(
        1013,
        rules=[
            (lambda got: got.text is not None, diagnosis),
            (lambda got: got.lost, "lost-third"),
            (lambda got: got.closed, "other-code"),
        ],
    )


@task("security.5")
async def seats_two(context: CheckContext) -> None:
    ada, bob = context.word(), context.word()
    a = await seated(context, "A", ada, "no-place")
    b = await seated(context, "B", ada, "only-one")
    await one_too_many(context, "C", ada, "third-let-in")
    await talks(context, a, ada, (lambda got: got.closed, "kicked"))
    await one_too_many(context, "D", ada, "refused-frees")
    await seated(context, "E", bob, "counts-all")
    await a.leaves()
    f = await freed(context, "F", ada, "leaks-on-leave")
    await b.aborts()
    await freed(context, "G", ada, "leaks-on-abort")
    await f.send(context.blob())
    if not (await f.next(SETTLE * 10)).closed:
        await f.leaves()
    await freed(context, "H", ada, "leaks-on-crash")
    await one_too_many(context, "I", ada, "freed-twice")
