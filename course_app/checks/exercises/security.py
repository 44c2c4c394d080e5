"""Checks of exercise 09: security."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...display.transcript import STATE
from ..context import Actor, Rule, Stage, Wrong
from ..received import Got
from ..registry import task

SETTLE = 0.02  # seconds in which a correct answer gives back a place
LATE = 0.3  # seconds more, for a busy machine


def let_in(got: Got) -> bool:
    return got.status is None and not got.nothing and not got.closed


def refused(got: Got) -> bool:
    return got.status in (401, 403, 422)


def crashed(got: Got) -> bool:
    return got.status == 500


async def turned_away(
    stage: Stage, name: str, path: str, diagnosis: str, *, fields: dict[str, Any] | None = None, **options: Any
) -> None:
    """Expect HTTP 403, and name a client that is let in `diagnosis`; one that is closed unheard is `accepted-first`."""
    try:
        await stage.refused(name, path, rules=[(crashed, "crashed")], **options)
    except Wrong as wrong:
        if wrong.diagnosis != "not-refused":
            raise
        first = await stage._actors[-1].next(0.1)
        stage.fail("accepted-first" if first.closed else diagnosis, who=name, path=path, **(fields or {}))


# 1. Stop a hijack


async def shows_balance(stage: Stage, name: str, session: str, diagnosis: str, origin: str | None) -> None:
    rules: list[Rule] = [(refused, diagnosis), (crashed, "crashed")]
    actor = await stage.client(name, cookies={"session": session}, origin=origin, rules=rules)
    await actor.receives(f"balance of {session}: 100")
    await actor.closed(1000)


@task("security.1")
async def stops_a_hijack(stage: Stage) -> None:
    session, evil = stage.word(), stage.word()
    await shows_balance(stage, "A", session, "own-page-refused", "https://bank.example")
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
        await turned_away(stage, name, "/ws", diagnosis, fields=fields, cookies={"session": session}, origin=origin)
    await shows_balance(stage, "J", session, "own-page-refused", "http://localhost:8000")
    await shows_balance(stage, "K", session, "no-origin-refused", None)


# 2. A ticket for one ride

LIFETIME = 0.5  # seconds; the exercise says so
SHORTEST = 16  # characters that a random ticket has at least
SESSIONS = {"ada": "s-4711", "bob": "s-0815"}


async def ticket_for(stage: Stage, user: str) -> str:
    cookies = {"session": SESSIONS[user]}
    got = await stage.http("POST", "/ticket", name=user, cookies=cookies, rules=[(refused, "session-refused")])
    ticket = got.json.get("ticket") if isinstance(got.json, dict) else None
    if not isinstance(ticket, str) or not ticket:
        stage.fail("no-ticket", body=got.body.decode(errors="replace")[:100])
    if len(ticket) < SHORTEST or user in ticket or SESSIONS[user] in ticket:
        stage.fail("guessable", ticket=ticket[:60])
    return ticket


async def rides(stage: Stage, ticket: str, user: str, other: str) -> None:
    rules: list[Rule] = [(refused, "ticket-refused"), (crashed, "crashed")]
    actor = await stage.client(user, f"/ws?ticket={ticket}", rules=rules)
    await actor.receives(f"hello {user}", rules=[(lambda got: got.text == f"hello {other}", "wrong-user")])
    await actor.closed(1000)


async def both_ride(stage: Stage, attempts: int = 6) -> str:
    """Let two users ride, the later ticket first; return a ticket that is used. A slow machine gets another chance."""
    began = time.monotonic()
    ada, again, bob = [await ticket_for(stage, user) for user in ("ada", "ada", "bob")]
    if len({ada, again, bob}) < 3:
        stage.fail("same-ticket")
    try:
        await rides(stage, bob, "bob", "ada")
        await rides(stage, ada, "ada", "bob")
    except Wrong as wrong:
        slow = time.monotonic() - began > LIFETIME / 2
        if wrong.diagnosis != "ticket-refused" or not slow or attempts == 1:
            raise
        return await both_ride(stage, attempts - 1)
    return ada


@task("security.2")
async def one_ticket_one_ride(stage: Stage) -> None:
    strangers: list[Rule] = [(lambda got: got.status == 200, "anybody-gets-one")]
    cookies = {"session": stage.word()}
    await stage.http("POST", "/ticket", name="eve", status=401, rules=strangers, cookies=cookies)
    await stage.http("POST", "/ticket", name="eve", status=401, rules=strangers)
    old = await ticket_for(stage, "bob")
    over = time.monotonic() + LIFETIME
    used = await both_ride(stage)
    await turned_away(stage, "eve", f"/ws?ticket={stage.word() * 4}", "any-ticket")
    await turned_away(stage, "eve", "/ws?ticket=", "any-ticket")
    await turned_away(stage, "eve", f"/ws?ticket={used}", "replayed")
    await turned_away(stage, "eve", "/ws", "cookie-is-enough", cookies={"session": SESSIONS["ada"]})
    await asyncio.sleep(max(0.0, over + 0.1 - time.monotonic()))
    await turned_away(stage, "eve", f"/ws?ticket={old}", "never-expires")


# 3. A limit that outlives the connection

BURST, PER_SECOND = 5, 5.0
FLOOD = 12  # texts, sent at once


@dataclass(frozen=True)
class Flood:
    """How many texts were answered, within how many seconds, and what came then."""

    answered: int
    seconds: float
    end: Got

    @property
    def most(self) -> int:
        """The number of texts that a full bucket pays for in that time."""
        return BURST + int(self.seconds * PER_SECOND)


async def flood(stage: Stage, name: str, user: str, actor: Actor | None = None) -> Flood:
    actor = actor or await stage.client(name, f"/ws?user={user}")
    began, answered = time.monotonic(), 0
    words = [stage.word() for _ in range(FLOOD)]
    for word in words:
        await actor.send(word)
    stage.expected.add(name, STATE, f"CLOSED 4029 after {BURST} replies")
    got = await actor.next()
    while got.text is not None:
        if got.text != words[answered]:
            stage.fail("no-echo", who=name, expected=words[answered], got=got)
        answered += 1
        if answered == FLOOD:
            break
        got = await actor.next()
    return Flood(answered, time.monotonic() - began, got)


async def judge_end(stage: Stage, name: str, result: Flood) -> None:
    """Fail unless the flood ended with 4029."""
    fields = {"who": name, "answered": result.answered, "got": result.end, "sent": FLOOD}
    if result.answered == FLOOD:
        stage.fail("not-limited", **fields)
    if result.end.nothing:
        stage.fail("dropped", **fields)
    if result.end.lost:
        stage.fail("lost-at-the-limit", **fields, log=await stage.log_line())
    if result.end.code != 4029:
        stage.fail("other-code", **fields)


async def speaks(stage: Stage, actor: Actor, closed: str) -> None:
    """Play one text for which there is a token; `closed` names an answer that says otherwise."""
    word = stage.word()
    await actor.send(word)
    await actor.receives(word, rules=[(lambda got: got.code == 4029, closed)])


@task("security.3")
async def limits_a_user(stage: Stage) -> None:
    ada, bob = stage.word(), stage.word()
    began = time.monotonic()
    burst = await flood(stage, "A", ada)
    if burst.answered == 0 and burst.end.code == 4029:
        stage.fail("empty-at-first", who="A")
    await judge_end(stage, "A", burst)
    if not BURST <= burst.answered <= burst.most:
        stage.fail("wrong-burst", who="A", answered=burst.answered)
    frugal = await stage.client("B", f"/ws?user={bob}")
    await speaks(stage, frugal, "shared-by-all")
    again = await flood(stage, "C", ada)
    if burst.answered + again.answered > BURST + int((time.monotonic() - began) * PER_SECOND):
        stage.fail("reconnect-resets", who="C", answered=again.answered)
    await judge_end(stage, "C", again)
    await asyncio.sleep(0.45)
    late = await stage.client("D", f"/ws?user={ada}")
    await speaks(stage, late, "no-refill")
    saved = await flood(stage, "B", bob, frugal)
    await judge_end(stage, "B", saved)
    if saved.answered > saved.most:
        stage.fail("no-cap", who="B", answered=saved.answered)


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


async def says_first(stage: Stage, name: str, payload: str | bytes, attempts: int = 5) -> Actor:
    """Connect and send a first message. A machine that takes half of the time for that gets another chance."""
    began = time.monotonic()
    actor = await stage.client(name)
    await actor.send(payload)
    if time.monotonic() - began < GRACE / 2 or attempts == 1:
        return actor
    await actor.leaves()
    return await says_first(stage, name, payload, attempts - 1)


async def signs_in(stage: Stage, name: str, user: str) -> Actor:
    actor = await says_first(stage, name, TOKENS[user])
    await actor.receives(f"hello {user}", rules=[(lambda got: got.closed and not got.lost, "token-refused")])
    return actor


async def talks(stage: Stage, actor: Actor, user: str, *rules: Rule) -> None:
    word = stage.word()
    await actor.send(word)
    await actor.receives(f"{user}: {word}", rules=rules)


@task("security.4")
async def asks_first(stage: Stage) -> None:
    silent, began = await stage.client("A", rules=[(refused, "refused")]), time.monotonic()
    bob = await signs_in(stage, "B", "bob")
    await talks(stage, bob, "bob")
    ada = await signs_in(stage, "C", "ada")
    await talks(stage, ada, "ada", (lambda got: got.text is not None and got.text.startswith("bob"), "wrong-user"))
    payloads: Sequence[tuple[str, str | bytes, str]] = [
        ("D", f"t-{stage.number()}", "lost-on-unknown"),
        ("E", "", "lost-on-unknown"),
        ("F", stage.blob(), "lost-on-binary"),
    ]
    for name, payload, lost in payloads:
        stranger = await says_first(stage, name, payload)
        await stranger.closed(4401, rules=unwelcome(lost))
    shy = await stage.client("G")
    await shy.leaves()
    await stage.no_traceback("not-caught")
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
        stage.fail("too-early", who="A")
    await asyncio.sleep(0.1)
    for actor, user in ((ada, "ada"), (bob, "bob")):
        await talks(stage, actor, user, (lambda got: got.closed, "timed-out-inside"))
    await bob.leaves()
    await stage.no_traceback("not-caught")


# 5. Two at a time


async def seated(stage: Stage, name: str, user: str, diagnosis: str) -> Actor:
    """Connect a client for which there is a place, and hear it answered."""
    actor = await stage.client(name, f"/ws?user={user}", rules=[(refused, diagnosis)])
    await talks(stage, actor, user, (lambda got: got.code == 1013, diagnosis))
    return actor


async def freed(stage: Stage, name: str, user: str, diagnosis: str) -> Actor:
    """Connect a client for which a place has just become free."""
    await asyncio.sleep(SETTLE)
    try:
        return await seated(stage, name, user, diagnosis)
    except Wrong as wrong:
        if wrong.diagnosis != diagnosis:
            raise
    await asyncio.sleep(LATE)
    return await seated(stage, name, user, diagnosis)


async def one_too_many(stage: Stage, name: str, user: str, diagnosis: str) -> None:
    actor = await stage.client(name, f"/ws?user={user}", rules=[(refused, "refused-before")])
    await actor.send(stage.word())
    await actor.closed(
        1013,
        rules=[
            (lambda got: got.text is not None, diagnosis),
            (lambda got: got.lost, "lost-third"),
            (lambda got: got.closed, "other-code"),
        ],
    )


@task("security.5")
async def seats_two(stage: Stage) -> None:
    ada, bob = stage.word(), stage.word()
    a = await seated(stage, "A", ada, "no-place")
    b = await seated(stage, "B", ada, "only-one")
    await one_too_many(stage, "C", ada, "third-let-in")
    await talks(stage, a, ada, (lambda got: got.closed, "kicked"))
    await one_too_many(stage, "D", ada, "refused-frees")
    await seated(stage, "E", bob, "counts-all")
    await a.leaves()
    f = await freed(stage, "F", ada, "leaks-on-leave")
    await b.aborts()
    await freed(stage, "G", ada, "leaks-on-abort")
    await f.send(stage.blob())
    if not (await f.next(SETTLE * 10)).closed:
        await f.leaves()
    await freed(stage, "H", ada, "leaks-on-crash")
    await one_too_many(stage, "I", ada, "freed-twice")
