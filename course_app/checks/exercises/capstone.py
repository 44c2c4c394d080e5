"""Checks of exercise 17: a chat service, twelve requirements, each on its own.

What a check is not about, it does not ask for: notices of who joined and left are passed over where they do not matter.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any, NoReturn

from ...display.transcript import RECEIVED
from ..context import CheckContext, CheckFailed, Rule, ScriptedClient, describe
from ..received import Received, show
from ..registry import task

NOTICED = 0.02  # seconds in which a server has noticed who left
LIMIT = 65_536  # bytes of one message
NEWEST = 10  # messages that a newcomer gets
PER_SECOND = 20  # messages that one client may send
PATIENCE = 0.3  # seconds that a client may take for one message
FILLER = 60_000  # bytes; fourteen of them are more than the socket buffers of a checked server hold
SHOWN = 160  # characters of an expected message
NOTICES = ("joined", "left")


def name_in(context: CheckContext) -> str:
    """Return a name for a person or a room that no check before has used: the app remembers its rooms."""
    return f"{context.word()}{context.number()}"


def fields(got: Received) -> dict[str, Any]:
    """The message as a dict; an empty one where it is no JSON object."""
    return got.json if got.text is not None and isinstance(got.json, dict) else {}


def kind(got: Received) -> Any:
    return fields(got).get("type")


def silent(got: Received) -> bool:
    return got.nothing


def ended(got: Received) -> bool:
    return got.closed


class Person:
    """A client of the chat, and the name it uses."""

    def __init__(self, actor: ScriptedClient, name: str) -> None:
        self.actor, self.name, self.context = actor, name, actor.context

    async def wish(self, **message: Any) -> None:
        await self.actor.send(json.dumps(message, ensure_ascii=False))

    async def join(self, room: str, name: str = "", **more: Any) -> None:
        self.name = name or self.name
        await self.wish(type="join", room=room, name=self.name, **more)

    async def says(self, text: str) -> None:
        await self.wish(type="say", text=text)

    async def gets(self, *, rules: Sequence[Rule] = (), past: Sequence[str] = NOTICES, **wanted: Any) -> Received:
        """Expect a JSON object next that has all the fields of `wanted`; types in `past` are passed over.

        The first of `rules` that applies to what came instead names the diagnosis.
        """
        expected = json.dumps(wanted, separators=(",", ":"), ensure_ascii=False)
        self.context.expected.add(self.actor.name, RECEIVED, describe(expected))
        while True:
            got = await self.actor.next()
            if same(wanted, fields(got)):
                return got
            await self.judge(got, rules, brief(expected))
            if kind(got) not in past:
                await self._wrong(got, brief(expected))

    async def ends(self, code: int, *, rules: Sequence[Rule] = ()) -> list[Received]:
        """Expect the server to close with this code, whatever it says before, and return what it said."""
        self.context.expected.add(self.actor.name, RECEIVED, f"CLOSE {code}")
        before = []
        while not (got := await self.actor.next()).closed and not got.nothing:
            before.append(got)
        if got.code != code:
            await self.judge(got, rules, f"close code {code}")
            if got.nothing:
                seconds = self.context.backend.patience
                raise CheckFailed(
                    "still-open", waited=True, who=self.actor.name, expected=f"close code {code}", seconds=seconds
                )
            await self.fails("lost" if got.lost else "wrong-close", got, f"close code {code}")
        return before

    async def judge(self, got: Received, rules: Sequence[Rule], expected: str) -> None:
        for applies, diagnosis in rules:
            if applies(got):
                await self.fails(diagnosis, got, expected)

    async def _wrong(self, got: Received, expected: str) -> None:
        if got.nothing:
            seconds = self.context.backend.patience
            raise CheckFailed("waited", waited=True, who=self.actor.name, expected=expected, seconds=seconds)
        await self.fails("lost" if got.lost else "closed" if got.closed else "wrong-frame", got, expected)

    async def fails(self, diagnosis: str, got: Received, expected: str) -> NoReturn:
        self.context.fail(
            diagnosis,
            who=self.actor.name,
            got=got,
            expected=expected,
            seconds=self.context.backend.patience,
            log=await self.context.log_line(),
        )


def brief(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def same(wanted: dict[str, Any], found: dict[str, Any]) -> bool:
    return all(key in found and found[key] == value for key, value in wanted.items())


NO_WELCOME: list[Rule] = [
    (lambda got: kind(got) in ("said", "did"), "before-welcome"),
    (lambda got: kind(got) in NOTICES, "own-notice"),
    (lambda got: kind(got) != "welcome", "no-welcome"),
]


async def connects(context: CheckContext, who: str) -> Person:
    return Person(await context.client(who, "/ws", max_size=None), name_in(context))


async def enters(context: CheckContext, who: str, room: str, name: str = "", **more: Any) -> Person:
    """Connect a client, let it join, and expect its welcome."""
    person = await connects(context, who)
    await person.join(room, name, **more)
    await person.gets(type="welcome", rules=NO_WELCOME)
    return person


async def enter(context: CheckContext, room: str, *people: str) -> list[Person]:
    return [await enters(context, who, room) for who in people]


async def spoken(speaker: Person, listeners: Sequence[Person], number: int, rules: Sequence[Rule] = ()) -> str:
    """Let `speaker` say a random word, and expect it at all `listeners` under that id."""
    word = speaker.context.word()
    await speaker.says(word)
    for listener in listeners:
        await listener.gets(type="said", id=number, name=speaker.name, text=word, rules=rules)
    return word


# 1 and 2. Names


def present(got: Received) -> list[Any]:
    found = fields(got).get("present")
    return found if isinstance(found, list) else []


def greeting(own: str, names: list[str]) -> list[Rule]:
    return [
        (silent, "no-answer"),
        *NO_WELCOME,
        (lambda got: own not in present(got), "not-itself"),
        (lambda got: len(present(got)) < len(names), "not-present"),
        (lambda got: present(got) != names and set(present(got)) == set(names), "not-sorted"),
        (lambda got: fields(got).get("last") != 0, "no-last"),
    ]


@task("capstone.1")
async def welcomes(context: CheckContext) -> None:
    room = name_in(context)
    inside: list[str] = []
    for who in "ABC":
        person = await connects(context, who)
        await person.join(room)
        inside = sorted([*inside, person.name])
        await person.gets(
            type="welcome",
            room=room,
            name=person.name,
            present=inside,
            last=0,
            rules=greeting(person.name, inside),
        )


@task("capstone.2")
async def keeps_names_unique(context: CheckContext) -> None:
    room, other = name_in(context), name_in(context)
    first = await enters(context, "A", room)
    second = await connects(context, "B")
    await second.join(room, first.name)
    taken: list[Rule] = [
        (lambda got: kind(got) == "welcome", "not-unique"),
        (silent, "no-error"),
        (ended, "kicked"),
        (lambda got: kind(got) == "error", "wrong-code"),
    ]
    await second.gets(type="error", code="name-taken", rules=taken)
    await second.join(room, name_in(context))
    await second.gets(
        type="welcome",
        present=sorted([first.name, second.name]),
        rules=[
            (ended, "kicked"),
            (lambda got: kind(got) == "error", "one-try"),
            (lambda got: kind(got) == "welcome" and first.name not in present(got), "first-lost"),
        ],
    )
    elsewhere = await connects(context, "C")
    await elsewhere.join(other, first.name)
    await elsewhere.gets(type="welcome", rules=[(lambda got: kind(got) == "error", "everywhere")])
    await first.actor.leaves()
    await freed(context, room, first.name)


async def freed(context: CheckContext, room: str, name: str, **more: Any) -> Person:
    """Join under a name whose owner has just left: a server gets a moment to notice."""
    person = await connects(context, "A again")
    deadline = time.monotonic() + context.backend.patience / 2
    while time.monotonic() < deadline:
        await asyncio.sleep(NOTICED)
        await person.join(room, name, **more)
        while kind(got := await person.actor.next()) in NOTICES:
            pass
        if kind(got) == "welcome":
            return person
        if kind(got) != "error":
            break
        await asyncio.sleep(4 * NOTICED)
    context.fail("never-free", who="A again")


# 3 and 4. What is said, and where


@task("capstone.3")
async def says_to_all(context: CheckContext) -> None:
    room = name_in(context)
    a, b, c = people = await enter(context, room, *"ABC")
    for number, speaker in enumerate((a, b, a), start=1):
        word = context.word()
        await speaker.says(word)
        for listener in (*(one for one in people if one is not speaker), speaker):
            own = listener is speaker
            await listener.gets(type="said", id=number, name=speaker.name, text=word, rules=said_wrong(number, own))
    await asyncio.gather(*(each(speaker, 3) for speaker in (a, c)))
    heard = [
        [await one.gets(type="said", id=number, rules=said_wrong(number)) for number in range(4, 10)] for one in people
    ]
    told = [[(fields(got).get("name"), fields(got).get("text")) for got in one] for one in heard]
    if any(one != told[0] for one in told):
        context.fail("different-order")


def said_wrong(number: int, own: bool = False) -> list[Rule]:
    return [
        (lambda got: got.nothing and own, "sender-missing"),
        (lambda got: got.nothing, "not-all"),
        (lambda got: kind(got) == "said" and "id" not in fields(got), "no-id"),
        (lambda got: kind(got) == "said" and fields(got)["id"] == number - 1 > 0, "twice"),
        (lambda got: kind(got) == "said" and fields(got)["id"] != number, "wrong-id"),
    ]


async def each(speaker: Person, count: int) -> None:
    for _ in range(count):
        await speaker.says(speaker.context.word())


def inside(room: set[str], word: str) -> list[Rule]:
    """Judge what somebody got in a room of these names, in which `word` was said."""
    return [
        (lambda got: kind(got) in NOTICES and fields(got).get("name") not in room, "notice-leaked"),
        (lambda got: kind(got) == "said" and fields(got).get("name") not in room, "leaked"),
        (lambda got: kind(got) == "said" and fields(got).get("text") == word, "shared-count"),
    ]


@task("capstone.4")
async def keeps_rooms_apart(context: CheckContext) -> None:
    red, blue = name_in(context), name_in(context)
    a = await enters(context, "A", red)
    b = await enters(context, "B", blue)
    c = await enters(context, "C", red)
    for speaker, listeners, number in ((a, (a, c), 1), (b, (b,), 1), (c, (a, c), 2), (b, (b,), 2)):
        word = context.word()
        await speaker.says(word)
        room = {b.name} if speaker is b else {a.name, c.name}
        for listener in listeners:
            await listener.gets(
                type="said",
                id=number,
                name=speaker.name,
                text=word,
                rules=inside(room, word),
            )
    d = await connects(context, "D")
    await d.join(blue)
    await d.gets(
        type="welcome",
        present=sorted([b.name, d.name]),
        last=2,
        rules=[
            (lambda got: len(fields(got).get("present") or []) > 2, "present-leaked"),
            (lambda got: fields(got).get("last") not in (None, 2), "shared-count"),
        ],
    )


# 5. Presence


@task("capstone.5")
async def tells_who_comes_and_goes(context: CheckContext) -> None:
    room = name_in(context)
    a = await enters(context, "A", room)
    await spoken(a, [], 1)
    await a.gets(type="said", id=1, past=(), rules=[(lambda got: kind(got) in NOTICES, "own-notice")])
    for number, how in enumerate(("closes", "aborts", "binary"), start=1):
        guest = await connects(context, f"Guest {number}")
        await guest.join(room, a.name)  # a name that is taken: nobody has joined yet
        await guest.gets(type="error", code="name-taken", rules=NO_WELCOME[:1])
        await guest.join(room, guest_name := name_in(context))
        await guest.gets(type="welcome", rules=NO_WELCOME)
        await a.gets(
            type="joined",
            name=guest_name,
            past=(),
            rules=[(silent, "no-joined"), (lambda got: kind(got) == "left", "left-early"), other_than(guest_name)],
        )
        word = await spoken(a, [], 2 * number)
        await guest.gets(
            type="said", text=word, past=("said",), rules=[(lambda got: kind(got) == "joined", "own-notice")]
        )
        await a.gets(type="said", id=2 * number, past=(), rules=TWICE)
        await (guest.actor.leaves() if how == "closes" else guest.actor.aborts() if how == "aborts" else binary(guest))
        gone = f"no-left-{how}"
        await a.gets(
            type="left", name=guest_name, past=(), rules=[(silent, gone), (ended, "kicked"), other_than(guest_name)]
        )
        await spoken(a, [], 2 * number + 1)
        await a.gets(type="said", id=2 * number + 1, past=(), rules=TWICE)
    stranger = await connects(context, "Stranger")
    await stranger.actor.leaves()
    await asyncio.sleep(NOTICED)
    await spoken(a, [], 8)
    await a.gets(type="said", id=8, past=(), rules=[(lambda got: kind(got) == "left", "stranger")])
    await context.no_traceback("not-caught")


def other_than(name: str) -> Rule:
    return lambda got: fields(got).get("name") not in (None, name), "wrong-name"


TWICE: list[Rule] = [(lambda got: kind(got) in NOTICES, "twice"), (ended, "kicked")]


async def binary(person: Person) -> None:
    await person.actor.send(person.context.blob())
    await person.ends(1003, rules=[(silent, "binary-kept"), (lambda got: got.lost, "binary-lost")])


# 6 and 7. What was said before


async def replayed(person: Person, first: int, last: int, words: Sequence[str], rules: Sequence[Rule]) -> None:
    """Expect the messages with the ids from `first` to `last`, of all the `words` that were said in the room."""
    for number in range(first, last + 1):
        await person.gets(type="said", id=number, text=words[number - 1], rules=rules)


def ids(got: Received) -> int:
    """The id of a message that was said; 0 where there is none."""
    number = fields(got).get("id")
    return number if kind(got) == "said" and isinstance(number, int) else 0


@task("capstone.6")
async def shows_history(context: CheckContext) -> None:
    room = name_in(context)
    (a,) = await enter(context, room, "A")
    words = [await spoken(a, [a], number) for number in (1, 2, 3)]
    b = await enters(context, "B", room)
    await replayed(b, 1, 3, words, [(silent, "no-history"), (lambda got: ids(got) == 3, "backwards")])
    replay: list[Rule] = [
        (lambda got: 0 < ids(got) < len(words) + 1, "replayed-to-all"),
    ]
    for number in range(4, 13):
        speaker = (a, b)[number % 2]
        words.append(await spoken(speaker, [a, b], number, replay))
    c = await connects(context, "C")
    await c.join(room)
    await c.gets(
        type="welcome", last=12, rules=[*NO_WELCOME, (lambda got: fields(got).get("last") != 12, "last-wrong")]
    )
    too_many: list[Rule] = [
        (lambda got: 0 < ids(got) < 13 - NEWEST, "too-many"),
        (lambda got: ids(got) == 12, "backwards"),
        (silent, "too-few"),
    ]
    await c.gets(type="said", id=3, text=words[2], rules=[*too_many, (lambda got: ids(got) > 3, "too-few")])
    await replayed(c, 4, 12, words, [(lambda got: ids(got) > 3, "order"), (silent, "too-few")])
    word = await spoken(a, [c], 13, [(lambda got: 0 < ids(got) < 13, "twice")])
    for listener in (a, b):
        await listener.gets(type="said", id=13, text=word, rules=[(lambda got: 0 < ids(got) < 13, "replayed-to-all")])


@task("capstone.7")
async def resumes(context: CheckContext) -> None:
    room = name_in(context)
    a, b = await enter(context, room, "A", "B")
    words = [await spoken(a, [a, b], number, after(number - 1)) for number in (1, 2)]
    await b.actor.aborts()
    words += [await spoken(a, [a], number) for number in (3, 4, 5)]
    b = await freed(context, room, b.name, last=2)
    await replayed(b, 3, 5, words, after(2))
    words.append(await spoken(a, [a, b], 6, after(5)))
    c = await enters(context, "C", room, last=6)
    words.append(await spoken(b, [c, a, b], 7, after(6)))
    for number in range(8, 13):
        words.append(await spoken(b, [a, b, c], number, after(7)))
    d = await enters(context, "D", room, last=1)
    await replayed(d, 2, 12, words, [(lambda got: ids(got) == 13 - NEWEST, "capped"), *after(1)])
    e = await enters(context, "E", room, last=0)
    await replayed(e, 1, 12, words, [(lambda got: ids(got) == 13 - NEWEST, "zero"), *after(0)])
    f = await connects(context, "F")
    await asyncio.gather(each(b, 4), f.join(room, last=10), each(c, 4))
    await f.gets(type="welcome", rules=NO_WELCOME)
    for number in range(11, 21):
        await f.gets(type="said", id=number, rules=[(lambda got: ids(got) > 0, "overlap"), (silent, "hole")])


def after(last: int) -> list[Rule]:
    return [
        (lambda got: 0 < ids(got) <= last, "again"),
        (lambda got: ids(got) > last + 1, "hole"),
        (silent, "hole"),
    ]


# 8 and 9. Commands and nonsense


@task("capstone.8")
async def obeys_commands(context: CheckContext) -> None:
    room = name_in(context)
    a, b, c = await enter(context, room, *"ABC")
    elsewhere = await enters(context, "Elsewhere", room + "s")
    names = sorted(one.name for one in (a, b, c))
    await a.says("/who")
    await a.gets(
        type="who",
        names=names,
        rules=[
            (lambda got: kind(got) == "said", "who-said"),
            (silent, "no-who"),
            (lambda got: elsewhere.name in (fields(got).get("names") or []), "who-everywhere"),
            (lambda got: sorted(fields(got).get("names") or []) == names, "not-sorted"),
        ],
    )
    about: list[Rule] = [
        (lambda got: kind(got) == "who", "who-to-all"),
        (lambda got: kind(got) == "said", "me-said"),
        (lambda got: kind(got) == "did" and "/me" in str(fields(got).get("text")), "me-slash"),
        (lambda got: kind(got) == "did" and fields(got).get("id") != 1, "me-id"),
    ]
    does = f"{context.word()} {context.word()}"
    await a.says(f"/me {does}")
    for listener in (a, b, c):
        await listener.gets(type="did", id=1, name=a.name, text=does, rules=[*about, (silent, "no-did")])
    await b.says(f"/{context.word()} {context.word()}")
    await b.gets(
        type="error",
        code="unknown-command",
        rules=[
            (lambda got: kind(got) == "said", "unknown-said"),
            (silent, "unknown-silent"),
            (ended, "unknown-closed"),
            (lambda got: kind(got) == "error", "wrong-code"),
        ],
    )
    await spoken(b, [a, b, c], 2, [(lambda got: kind(got) == "error", "error-to-all")])
    d = await enters(context, "D", room)
    await d.gets(
        type="did", id=1, text=does, rules=[(lambda got: ids(got) == 2, "did-forgotten"), (silent, "did-forgotten")]
    )


@task("capstone.9")
async def answers_nonsense(context: CheckContext) -> None:
    room = name_in(context)
    a, b = await enter(context, room, "A", "B")
    stranger = await connects(context, "Stranger")
    await complains(stranger, "not-joined", json.dumps({"type": "say", "text": context.word()}))
    for name in ("", "x" * 21):
        await complains(stranger, "invalid", json.dumps({"type": "join", "room": room, "name": name}), "bad-name")
    nonsense: list[tuple[str, str]] = [
        (context.word(), "invalid"),
        ("[]", "invalid"),
        (json.dumps({"type": context.word()}), "invalid"),
        (json.dumps({"type": "say"}), "invalid"),
        (json.dumps({"type": "say", "text": context.number()}), "invalid"),
        (json.dumps({"type": "join", "room": room, "name": name_in(context)}), "already-joined"),
    ]
    for text, code in nonsense:
        await complains(a, code, text)
    heard: list[Rule] = [
        (lambda got: kind(got) == "error", "told-all"),
        (lambda got: ids(got) > 1, "number-lost"),
    ]
    await spoken(a, [a, b], 1, heard)
    await stranger.join(room, name_in(context))
    await stranger.gets(type="welcome", rules=[(ended, "kicked")])


async def complains(person: Person, code: str, text: str, accepted: str = "accepted") -> None:
    """Send a text, and expect an error with that code."""
    await person.actor.send(text)
    await person.gets(
        type="error",
        code=code,
        rules=[
            (silent, "no-answer"),
            (ended, "kicked"),
            (lambda got: kind(got) == "error", "wrong-code"),
            (lambda got: kind(got) in ("said", "welcome"), accepted),
        ],
    )


# 10 to 12. Limits


def sized(size: int, letter: str = "x") -> str:
    """A wish to say something, of `size` bytes."""
    shell = len(json.dumps({"type": "say", "text": ""}).encode())
    rest = size - shell
    text = letter * (rest // len(letter.encode())) + "x" * (rest % len(letter.encode()))
    return json.dumps({"type": "say", "text": text}, ensure_ascii=False)


@task("capstone.10")
async def limits_size(context: CheckContext) -> None:
    room = name_in(context)
    a, b, c, d = await enter(context, room, *"ABCD")
    await a.actor.send(sized(LIMIT))
    await a.gets(
        type="said", id=1, name=a.name, rules=[(ended, "too-strict"), (lambda got: kind(got) == "error", "too-strict")]
    )
    await b.gets(type="said", id=1, name=a.name)
    for sender, text, diagnosis in ((c, sized(LIMIT + 2, "é"), "characters"), (d, sized(LIMIT + 1), "one-more")):
        await sender.gets(type="said", id=1, name=a.name)
        await sender.actor.send(text)
        await refuses(sender, 1009, diagnosis)
    await spoken(a, [a, b], 2, [(lambda got: kind(got) == "said", "passed-on"), (ended, "others-closed")])


async def refuses(person: Person, code: int, accepted: str) -> None:
    """Expect a close with that code, at once; `accepted` names that the message went through."""
    while kind(got := await person.actor.next()) in NOTICES:
        pass
    person.context.expected.add(person.actor.name, RECEIVED, f"CLOSE {code}")
    expected = f"close code {code}"
    await person.judge(
        got, [(lambda got: kind(got) == "said", accepted), (lambda got: kind(got) == "error", "only-error")], expected
    )
    if got.code != code:
        if got.nothing:
            seconds = person.context.backend.patience
            raise CheckFailed("still-open", waited=True, who=person.actor.name, expected=expected, seconds=seconds)
        await person.fails("lost" if got.lost else "wrong-close", got, expected)


@task("capstone.11")
async def limits_rate(context: CheckContext) -> None:
    room = name_in(context)
    a, b, flood = await enter(context, room, "A", "B", "Flood")
    words = [context.word() for _ in range(15)]
    for word in words:
        await a.says(word)
    strict: list[Rule] = [
        (ended, "too-strict"),
        (lambda got: kind(got) == "error", "too-strict"),
        (silent, "too-strict"),
    ]
    for number, word in enumerate(words, start=1):
        await a.gets(type="said", id=number, text=word, rules=strict)
        await b.gets(type="said", id=number, text=word)
    for _ in range(3 * PER_SECOND):
        await flood.says(context.word())
    said = await flood.ends(1008, rules=[(silent, "not-limited")])
    if sum(fields(got).get("name") == flood.name for got in said) > 2 * PER_SECOND:
        context.fail("limited-late", seconds=1)
    word = context.word()
    await b.says(word)
    rules: list[Rule] = [(ended, "others-closed"), (silent, "others-closed")]
    for listener in (a, b):
        got = Received()
        while fields(got).get("text") != word:
            got = await listener.actor.next()
            await listener.judge(got, rules, show(word))


@task("capstone.12")
async def lets_slow_clients_go(context: CheckContext) -> None:
    room = name_in(context)
    slow, a, b = await enter(context, room, "Slow", "A", "B")
    await spoken(a, [slow, a, b], 1)
    slow.actor.client.stop_reading()
    rules: list[Rule] = [
        (silent, "frozen"),
        (ended, "healthy-disconnected"),
        (lambda got: ids(got) > 0, "missed"),
    ]
    for number in range(2, 16):
        text = context.word() * (FILLER // 8)
        await a.says(text)
        for listener in (a, b):
            await listener.gets(type="said", id=number, text=text, rules=rules)
    await spoken(b, [a, b], 16, rules)
    await asyncio.sleep(PATIENCE + 5 * NOTICED)
    slow.actor.client.resume_reading()
    before = await slow.ends(1013, rules=[(silent, "not-disconnected"), (lambda got: got.lost, "slow-lost")])
    if any(ids(got) == 16 for got in before):
        context.fail("kept-for-later", who="Slow", seconds=PATIENCE)
    await spoken(b, [a, b], 17, rules)
