"""Checks of exercise 09: a manager that nobody's trouble brings down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from ...display.transcript import RECEIVED
from ..context import CheckContext, CheckFailed, ScriptedClient, describe
from ..received import Received, show
from ..registry import task

NOTICED = 0.02  # seconds in which the server has noticed who left; the setup cell keeps them listed for SAVING
SAVING = 0.1  # seconds that the setup cell's endpoint needs after its client has left
MARGIN = 0.05  # seconds
FILLER = 800_000  # bytes; more than the socket buffers of a checked server hold for a client that does not read
AT_ONCE = 0.25  # seconds; three stalled clients, one after another, would take 0.3
ATTEMPTS = 2  # how often a busy machine may make us measure again


def says(number: int, text: str) -> str:
    return f"Client #{number} says: {text}"


def left(number: int) -> str:
    return f"Client #{number} left the chat"


def silent(got: Received) -> bool:
    return got.nothing


class Numbers:
    """Random client ids, none of them twice."""

    def __init__(self, context: CheckContext) -> None:
        self.context = context
        self.given: set[int] = set()

    def next(self) -> int:
        number = self.context.number()
        while number in self.given:
            number = self.context.number()
        self.given.add(number)
        return number


# 1. Connect and disconnect


async def asks(actor: ScriptedClient, number: int, answer: str, diagnosis: str) -> None:
    """Ask for a client's number; the opposite answer is that diagnosis."""
    opposite = {"here": "away", "away": "here"}[answer]
    await actor.send(str(number))
    await actor.receives(answer, rules=[(lambda got: got.text == opposite, diagnosis), (silent, "no-answer")])


async def soon(context: CheckContext, actor: ScriptedClient, number: int, answer: str, diagnosis: str) -> None:
    """Ask until the answer is right: a server gets a moment to notice who left."""
    deadline = time.monotonic() + context.backend.patience / 2
    while True:
        await asyncio.sleep(NOTICED)
        try:
            return await asks(actor, number, answer, diagnosis)
        except CheckFailed as wrong:
            if wrong.diagnosis != diagnosis or time.monotonic() > deadline:
                raise


@task("manager.1")
async def connects_and_disconnects(context: CheckContext) -> None:
    numbers = Numbers(context)
    one, two, three, stranger = [numbers.next() for _ in range(4)]
    a = await context.client("A", f"/ws/{one}")
    await asks(a, one, "here", "never-here")
    await asks(a, stranger, "away", "always-here")
    b = await context.client("B", f"/ws/{two}")
    tab = await context.client("B's second tab", f"/ws/{two}")
    c = await context.client("C", f"/ws/{three}")
    await asks(a, two, "here", "late")
    await asks(a, three, "here", "late")
    await b.leaves()
    await context.no_traceback("not-caught")
    await asks(a, two, "here", "both-tabs")
    await tab.aborts()
    await soon(context, a, two, "away", "ghost-abort")
    await c.leaves(4000, "bye")
    await soon(context, a, three, "away", "ghost-leave")
    await context.no_traceback("not-caught")
    d = await context.client("D", f"/ws/{stranger}")
    await asks(a, stranger, "here", "never-here")
    await d.send(context.blob())
    await soon(context, a, stranger, "away", "ghost-binary")
    await asks(a, one, "here", "lost-itself")


# 2 to 4. Broadcasts

Judge = Callable[[dict[str, Received], list[str]], str | None]


async def heard(context: CheckContext, text: str, listeners: Sequence[ScriptedClient], diagnose: Judge) -> None:
    """Expect that text next at all `listeners`; `diagnose` names what is wrong from what each got and who missed it."""
    for listener in listeners:
        context.expected.add(listener.name, RECEIVED, describe(text))
    found = await asyncio.gather(*(listener.next() for listener in listeners))
    got = {listener.name: one for listener, one in zip(listeners, found, strict=True)}
    missed = [name for name, one in got.items() if one.text != text]
    if not missed:
        return
    diagnosis = diagnose(got, missed)
    if diagnosis:
        await broken(context, diagnosis, missed, got, text)
    one = got[missed[0]]
    if one.nothing:
        raise CheckFailed("waited", waited=True, who=missed[0], expected=show(text), seconds=context.backend.patience)
    await broken(context, "lost" if one.lost else "closed" if one.closed else "wrong-frame", missed, got, text)


async def broken(
    context: CheckContext, diagnosis: str, missed: list[str], got: dict[str, Received], text: str
) -> NoReturn:
    heard_it = [name for name in got if name not in missed]
    context.fail(
        diagnosis,
        who=missed[0],
        got=got[missed[0]],
        expected=show(text),
        missed=", ".join(missed),
        heard=", ".join(heard_it) or "nobody",
        seconds=context.backend.patience,
        log=await context.log_line(),
    )


def gone(actor: ScriptedClient) -> bool:
    return actor.client.closed is not None


class Speakers:
    """Who says what, with the client ids of a check."""

    def __init__(self, context: CheckContext) -> None:
        self.context = context
        self.numbers = Numbers(context)
        self.ids: dict[str, int] = {}

    async def client(self, name: str) -> ScriptedClient:
        self.ids[name] = self.numbers.next()
        return await self.context.client(name, f"/ws/{self.ids[name]}", max_size=None)

    async def clients(self, *names: str) -> list[ScriptedClient]:
        return [await self.client(name) for name in names]

    async def say(self, actor: ScriptedClient, word: str = "") -> str:
        """Let the actor say a random word, or `word`, and return the text that the others have to get."""
        word = word or self.context.word()
        await actor.send(word)
        return says(self.ids[actor.name], word)


@task("manager.2")
async def broadcasts_to_others(context: CheckContext) -> None:
    people = Speakers(context)
    a, b, _, d = actors = await people.clients(*"ABCD")
    previous, before = None, ""
    for speaker in (b, a, d, b):  # whoever was sent their own text finds it before the next writer's
        text = await people.say(speaker)
        others = [actor for actor in actors if actor is not speaker]
        await heard(context, text, others, spoken(speaker, text, previous, before))
        previous, before = speaker, text


def spoken(speaker: ScriptedClient, text: str, previous: ScriptedClient | None, before: str) -> Judge:
    """Judge a broadcast of `text`, after `previous` has said `before`."""

    def diagnose(got: dict[str, Received], missed: list[str]) -> str | None:
        again = [name for name in missed if before and got[name].text == before]
        if again:
            return "echoed" if previous is not None and previous.name in again else "twice"
        if not got[missed[0]].nothing:
            return None
        if gone(speaker):
            return "sender-lost"
        if len(missed) < len(got):
            return "not-all"
        return "only-sender" if to_itself(speaker, text) else "nobody"

    return diagnose


def to_itself(speaker: ScriptedClient, text: str) -> bool:
    """Whether the speaker was sent its own text."""
    return any(event.mark == RECEIVED and text in event.text for _, event in speaker.events())


def departed(speaker: ScriptedClient, lost: str) -> Judge:
    """Judge a broadcast that met somebody who has left; `lost` names that it cost the sender its connection."""

    def diagnose(got: dict[str, Received], missed: list[str]) -> str | None:
        if not all(got[name].nothing for name in missed):
            return "kicked" if got[missed[0]].closed else None
        if gone(speaker):
            return lost
        names = list(got)
        if len(missed) == len(names):
            return "nobody"
        return "rest-missed" if missed == names[-len(missed) :] else "skipped"

    return diagnose


@task("manager.3")
async def survives_departures(context: CheckContext) -> None:
    people = Speakers(context)
    early, closes, b, resets, c, binary, slow, d, e, a = await people.clients(
        "Early", "Closes", "B", "Resets", "C", "Binary", "Slow", "D", "E", "A"
    )
    everybody = [early, b, c, slow, d, e]
    await heard(context, await people.say(a), [*everybody, closes, resets, binary], departed(a, "sender-lost"))
    await closes.leaves()
    await asyncio.sleep(NOTICED)
    await heard(context, await people.say(a), [*everybody, resets, binary], departed(a, "sender-lost"))
    await resets.aborts()
    await asyncio.sleep(NOTICED)
    await heard(context, await people.say(a), [*everybody, binary], departed(a, "sender-lost"))
    await binary.send(context.blob())
    await binary.closed(1003)
    await heard(context, await people.say(a), everybody, departed(a, "close-sent"))
    # One more in the middle: the broadcast waits for a slow client, and the list changes meanwhile.
    filler = await people.say(a, context.word() * (FILLER // 8))
    slow.client.stop_reading()
    others = [early, b, c, d, e]
    await heard(context, filler, others, departed(a, "sender-lost"))
    word = await people.say(a)
    await asyncio.sleep(NOTICED)
    await early.leaves()
    await asyncio.sleep(SAVING + MARGIN)
    slow.client.resume_reading()
    await heard(context, filler, [slow], departed(a, "sender-lost"))
    await heard(context, word, [b, c, slow, d, e], meanwhile(a))
    await heard(context, await people.say(e), [b, c, slow, d, a], departed(e, "sender-lost"))


def meanwhile(speaker: ScriptedClient) -> Judge:
    def diagnose(got: dict[str, Received], missed: list[str]) -> str | None:
        name = departed(speaker, "changed-size")(got, missed)
        return "shifted" if name in ("skipped", "rest-missed") else name

    return diagnose


# 4. Bound a slow client


class Slow(Exception):
    """The broadcast took longer than it should; on a busy machine that proves nothing."""


@task("manager.4")
async def bounds_slow_clients(context: CheckContext) -> None:
    people = Speakers(context)
    for attempt in range(ATTEMPTS):
        try:
            return await stalls(context, people, attempt)
        except Slow:
            await context.close()  # so that the next attempt meets nobody of this one
            await asyncio.sleep(SAVING + MARGIN)
    context.fail("one-by-one", seconds=AT_ONCE)


async def stalls(context: CheckContext, people: Speakers, attempt: int) -> None:
    mark = str(attempt + 1) if attempt else ""
    s, t, u, b, a = await people.clients(*(f"{name}{mark}" for name in ("S", "T", "U", "B", "A")))
    await heard(context, await people.say(a), [s, t, u, b], departed(a, "sender-lost"))
    stuck = [s, t, u]
    for actor in stuck:
        actor.client.stop_reading()
    filler = await people.say(a, context.word() * (FILLER // 8))
    await heard(context, filler, [b], bounded(a))
    began = time.monotonic()
    word = await people.say(a)
    await heard(context, word, [b], bounded(a))
    took = time.monotonic() - began
    await heard(context, await people.say(a), [b], bounded(a))
    if took > AT_ONCE:
        raise Slow
    await heard(context, await people.say(b), [a], bounded(b))
    for actor in stuck:
        actor.client.resume_reading()
        await heard(context, filler, [actor], bounded(a))
    for actor in stuck:
        await actor.closed(
            1013,
            rules=[
                (lambda got: got.text == word, "kept-for-later"),
                (lambda got: got.text is not None, "still-listed"),
                (lambda got: got.lost, "slow-lost"),
                (silent, "not-disconnected"),
            ],
        )
    await heard(context, await people.say(a), [b], bounded(a))


def bounded(speaker: ScriptedClient) -> Judge:
    def diagnose(got: dict[str, Received], missed: list[str]) -> str | None:
        first = got[missed[0]]
        if gone(speaker) and first.nothing:
            return "sender-lost"
        if first.closed:
            return "healthy-disconnected"
        return "frozen" if first.nothing else "missed"

    return diagnose


# 5. Rooms


@task("manager.5")
async def keeps_rooms(context: CheckContext) -> None:
    numbers = Numbers(context)
    ids: dict[str, int] = {}
    red, blue = context.word(), context.word() + "s"

    async def enter(name: str, room: str | None) -> ScriptedClient:
        ids[name] = numbers.next()
        return await context.client(
            name,
            f"/ws/{ids[name]}" + (f"?room={room}" if room else ""),
            rules=[(lambda got: room is None and got.status == 403, "no-lobby")],
        )

    async def says_to(actor: ScriptedClient, *listeners: ScriptedClient) -> None:
        word = context.word()
        await actor.send(word)
        for listener in listeners:
            missing = "sender-missing" if listener is actor else "room-gone" if smaller else "not-all"
            await listener.receives(
                says(ids[actor.name], word),
                rules=[
                    (silent, missing),
                    (lambda got: got.text is not None and "left the chat" in got.text, "notice-everywhere"),
                    (lambda got: got.text is not None and " says: " in got.text, "one-room"),
                ],
            )

    smaller = False
    a, b, c = await enter("A", red), await enter("B", red), await enter("C", red)
    d, e = await enter("D", blue), await enter("E", None)
    for actor, listeners in ((a, (a, b, c)), (d, (d,)), (e, (e,)), (b, (a, b, c))):
        await says_to(actor, *listeners)
    await lists(context, e, ["lobby", red, blue], "rooms-wrong")
    await c.leaves()
    smaller = True
    for actor in (a, b):
        await actor.receives(
            left(ids["C"]),
            rules=[(silent, "no-notice"), (lambda got: got.closed, "kicked")],
        )
    await says_to(b, a, b)
    await says_to(d, d)
    await d.aborts()
    await asyncio.sleep(NOTICED)
    await settled(context, e, ["lobby", red])
    await context.no_traceback("not-caught")
    f = await enter("F", blue)
    await says_to(f, f)
    await says_to(a, a, b)


async def lists(context: CheckContext, actor: ScriptedClient, rooms: list[str], more: str) -> None:
    answer = " ".join(sorted(rooms))
    await actor.send("rooms")
    await actor.receives(
        answer,
        rules=[
            (silent, "no-rooms"),
            (lambda got: got.text is not None and got.text.endswith("says: rooms"), "rooms-broadcast"),
            (lambda got: got.text is not None and "left the chat" in got.text, "notice-everywhere"),
            (lambda got: got.text is not None and sorted(got.text.split()) == sorted(rooms), "not-sorted"),
            (lambda got: got.text is not None and set(got.text.split()) > set(rooms), more),
            (lambda got: got.text is not None, "rooms-wrong"),
        ],
    )


async def settled(context: CheckContext, actor: ScriptedClient, rooms: list[str]) -> None:
    """Ask for the rooms until the answer is right: a server gets a moment to notice who left."""
    deadline = time.monotonic() + context.backend.patience / 2
    while True:
        try:
            return await lists(context, actor, rooms, "ghost-room")
        except CheckFailed as wrong:
            if wrong.diagnosis != "ghost-room" or time.monotonic() > deadline:
                raise
        await asyncio.sleep(NOTICED)
