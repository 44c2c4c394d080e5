"""Checks of exercise 06: a manager that nobody's trouble brings down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from ...display.transcript import RECEIVED
from ..context import Actor, Stage, Wrong, describe
from ..received import Got, show
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


def silent(got: Got) -> bool:
    return got.nothing


class Numbers:
    """Random client ids, none of them twice."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.given: set[int] = set()

    def next(self) -> int:
        number = self.stage.number()
        while number in self.given:
            number = self.stage.number()
        self.given.add(number)
        return number


# 1. Connect and disconnect


async def asks(actor: Actor, number: int, answer: str, diagnosis: str) -> None:
    """Ask for a client's number; the opposite answer is that diagnosis."""
    opposite = {"here": "away", "away": "here"}[answer]
    await actor.send(str(number))
    await actor.receives(answer, rules=[(lambda got: got.text == opposite, diagnosis), (silent, "no-answer")])


async def soon(stage: Stage, actor: Actor, number: int, answer: str, diagnosis: str) -> None:
    """Ask until the answer is right: a server gets a moment to notice who left."""
    deadline = time.monotonic() + stage.backend.patience / 2
    while True:
        await asyncio.sleep(NOTICED)
        try:
            return await asks(actor, number, answer, diagnosis)
        except Wrong as wrong:
            if wrong.diagnosis != diagnosis or time.monotonic() > deadline:
                raise


@task("manager.1")
async def connects_and_disconnects(stage: Stage) -> None:
    numbers = Numbers(stage)
    one, two, three, stranger = [numbers.next() for _ in range(4)]
    a = await stage.client("A", f"/ws/{one}")
    await asks(a, one, "here", "never-here")
    await asks(a, stranger, "away", "always-here")
    b = await stage.client("B", f"/ws/{two}")
    tab = await stage.client("B's second tab", f"/ws/{two}")
    c = await stage.client("C", f"/ws/{three}")
    await asks(a, two, "here", "late")
    await asks(a, three, "here", "late")
    await b.leaves()
    await stage.no_traceback("not-caught")
    await asks(a, two, "here", "both-tabs")
    await tab.aborts()
    await soon(stage, a, two, "away", "ghost-abort")
    await c.leaves(4000, "bye")
    await soon(stage, a, three, "away", "ghost-leave")
    await stage.no_traceback("not-caught")
    d = await stage.client("D", f"/ws/{stranger}")
    await asks(a, stranger, "here", "never-here")
    await d.send(stage.blob())
    await soon(stage, a, stranger, "away", "ghost-binary")
    await asks(a, one, "here", "lost-itself")


# 2 to 4. Broadcasts

Judge = Callable[[dict[str, Got], list[str]], str | None]


async def heard(stage: Stage, text: str, listeners: Sequence[Actor], diagnose: Judge) -> None:
    """Expect that text next at all `listeners`; `diagnose` names what is wrong from what each got and who missed it."""
    for listener in listeners:
        stage.expected.add(listener.name, RECEIVED, describe(text))
    found = await asyncio.gather(*(listener.next() for listener in listeners))
    got = {listener.name: one for listener, one in zip(listeners, found, strict=True)}
    missed = [name for name, one in got.items() if one.text != text]
    if not missed:
        return
    diagnosis = diagnose(got, missed)
    if diagnosis:
        await broken(stage, diagnosis, missed, got, text)
    one = got[missed[0]]
    if one.nothing:
        raise Wrong("waited", waited=True, who=missed[0], expected=show(text), seconds=stage.backend.patience)
    await broken(stage, "lost" if one.lost else "closed" if one.closed else "wrong-frame", missed, got, text)


async def broken(stage: Stage, diagnosis: str, missed: list[str], got: dict[str, Got], text: str) -> NoReturn:
    heard_it = [name for name in got if name not in missed]
    stage.fail(
        diagnosis,
        who=missed[0],
        got=got[missed[0]],
        expected=show(text),
        missed=", ".join(missed),
        heard=", ".join(heard_it) or "nobody",
        seconds=stage.backend.patience,
        log=await stage.log_line(),
    )


def gone(actor: Actor) -> bool:
    return actor.client.closed is not None


class Speakers:
    """Who says what, with the client ids of a check."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.numbers = Numbers(stage)
        self.ids: dict[str, int] = {}

    async def client(self, name: str) -> Actor:
        self.ids[name] = self.numbers.next()
        return await self.stage.client(name, f"/ws/{self.ids[name]}", max_size=None)

    async def clients(self, *names: str) -> list[Actor]:
        return [await self.client(name) for name in names]

    async def say(self, actor: Actor, word: str = "") -> str:
        """Let the actor say a random word, or `word`, and return the text that the others have to get."""
        word = word or self.stage.word()
        await actor.send(word)
        return says(self.ids[actor.name], word)


@task("manager.2")
async def broadcasts_to_others(stage: Stage) -> None:
    people = Speakers(stage)
    a, b, _, d = actors = await people.clients(*"ABCD")
    previous, before = None, ""
    for speaker in (b, a, d, b):  # whoever was sent their own text finds it before the next writer's
        text = await people.say(speaker)
        others = [actor for actor in actors if actor is not speaker]
        await heard(stage, text, others, spoken(speaker, text, previous, before))
        previous, before = speaker, text


def spoken(speaker: Actor, text: str, previous: Actor | None, before: str) -> Judge:
    """Judge a broadcast of `text`, after `previous` has said `before`."""

    def diagnose(got: dict[str, Got], missed: list[str]) -> str | None:
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


def to_itself(speaker: Actor, text: str) -> bool:
    """Whether the speaker was sent its own text."""
    return any(event.mark == RECEIVED and text in event.text for _, event in speaker.events())


def departed(speaker: Actor, lost: str) -> Judge:
    """Judge a broadcast that met somebody who has left; `lost` names that it cost the sender its connection."""

    def diagnose(got: dict[str, Got], missed: list[str]) -> str | None:
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
async def survives_departures(stage: Stage) -> None:
    people = Speakers(stage)
    early, closes, b, resets, c, binary, slow, d, e, a = await people.clients(
        "Early", "Closes", "B", "Resets", "C", "Binary", "Slow", "D", "E", "A"
    )
    everybody = [early, b, c, slow, d, e]
    await heard(stage, await people.say(a), [*everybody, closes, resets, binary], departed(a, "sender-lost"))
    await closes.leaves()
    await asyncio.sleep(NOTICED)
    await heard(stage, await people.say(a), [*everybody, resets, binary], departed(a, "sender-lost"))
    await resets.aborts()
    await asyncio.sleep(NOTICED)
    await heard(stage, await people.say(a), [*everybody, binary], departed(a, "sender-lost"))
    await binary.send(stage.blob())
    await binary.closed(1003)
    await heard(stage, await people.say(a), everybody, departed(a, "close-sent"))
    # One more in the middle: the broadcast waits for a slow client, and the list changes meanwhile.
    filler = await people.say(a, stage.word() * (FILLER // 8))
    slow.client.stop_reading()
    others = [early, b, c, d, e]
    await heard(stage, filler, others, departed(a, "sender-lost"))
    word = await people.say(a)
    await asyncio.sleep(NOTICED)
    await early.leaves()
    await asyncio.sleep(SAVING + MARGIN)
    slow.client.resume_reading()
    await heard(stage, filler, [slow], departed(a, "sender-lost"))
    await heard(stage, word, [b, c, slow, d, e], meanwhile(a))
    await heard(stage, await people.say(e), [b, c, slow, d, a], departed(e, "sender-lost"))


def meanwhile(speaker: Actor) -> Judge:
    def diagnose(got: dict[str, Got], missed: list[str]) -> str | None:
        name = departed(speaker, "changed-size")(got, missed)
        return "shifted" if name in ("skipped", "rest-missed") else name

    return diagnose


# 4. Bound a slow client


class Slow(Exception):
    """The broadcast took longer than it should; on a busy machine that proves nothing."""


@task("manager.4")
async def bounds_slow_clients(stage: Stage) -> None:
    people = Speakers(stage)
    for attempt in range(ATTEMPTS):
        try:
            return await stalls(stage, people, attempt)
        except Slow:
            await stage.close()  # so that the next attempt meets nobody of this one
            await asyncio.sleep(SAVING + MARGIN)
    stage.fail("one-by-one", seconds=AT_ONCE)


async def stalls(stage: Stage, people: Speakers, attempt: int) -> None:
    mark = str(attempt + 1) if attempt else ""
    s, t, u, b, a = await people.clients(*(f"{name}{mark}" for name in ("S", "T", "U", "B", "A")))
    await heard(stage, await people.say(a), [s, t, u, b], departed(a, "sender-lost"))
    stuck = [s, t, u]
    for actor in stuck:
        actor.client.stop_reading()
    filler = await people.say(a, stage.word() * (FILLER // 8))
    await heard(stage, filler, [b], bounded(a))
    began = time.monotonic()
    word = await people.say(a)
    await heard(stage, word, [b], bounded(a))
    took = time.monotonic() - began
    await heard(stage, await people.say(a), [b], bounded(a))
    if took > AT_ONCE:
        raise Slow
    await heard(stage, await people.say(b), [a], bounded(b))
    for actor in stuck:
        actor.client.resume_reading()
        await heard(stage, filler, [actor], bounded(a))
    for actor in stuck:
        await actor.closed(
            1013,
            rules=[
                (lambda got: got.text == word, "kept-for-later"),
                (lambda got: got.text is not None, "still-listed"),
                (lambda got: got.lost, "slow-lost"),
                (silent, "not-let-go"),
            ],
        )
    await heard(stage, await people.say(a), [b], bounded(a))


def bounded(speaker: Actor) -> Judge:
    def diagnose(got: dict[str, Got], missed: list[str]) -> str | None:
        first = got[missed[0]]
        if gone(speaker) and first.nothing:
            return "sender-lost"
        if first.closed:
            return "healthy-let-go"
        return "frozen" if first.nothing else "missed"

    return diagnose


# 5. Rooms


@task("manager.5")
async def keeps_rooms(stage: Stage) -> None:
    numbers = Numbers(stage)
    ids: dict[str, int] = {}
    red, blue = stage.word(), stage.word() + "s"

    async def enter(name: str, room: str | None) -> Actor:
        ids[name] = numbers.next()
        return await stage.client(
            name,
            f"/ws/{ids[name]}" + (f"?room={room}" if room else ""),
            rules=[(lambda got: room is None and got.status == 403, "no-lobby")],
        )

    async def says_to(actor: Actor, *listeners: Actor) -> None:
        word = stage.word()
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
    await lists(stage, e, ["lobby", red, blue], "rooms-wrong")
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
    await settled(stage, e, ["lobby", red])
    await stage.no_traceback("not-caught")
    f = await enter("F", blue)
    await says_to(f, f)
    await says_to(a, a, b)


async def lists(stage: Stage, actor: Actor, rooms: list[str], more: str) -> None:
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


async def settled(stage: Stage, actor: Actor, rooms: list[str]) -> None:
    """Ask for the rooms until the answer is right: a server gets a moment to notice who left."""
    deadline = time.monotonic() + stage.backend.patience / 2
    while True:
        try:
            return await lists(stage, actor, rooms, "ghost-room")
        except Wrong as wrong:
            if wrong.diagnosis != "ghost-room" or time.monotonic() > deadline:
                raise
        await asyncio.sleep(NOTICED)
