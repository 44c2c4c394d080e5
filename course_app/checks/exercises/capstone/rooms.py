"""Tasks 3 to 5: what is said in a room, what stays in it, and who comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ...context import CheckContext
from ...registry import task
from ...retries import NOTICED
from ...rules import Predicate, Rule, both, field_in, is_closed, is_lost, is_message, is_nothing, lacks_key, when
from ...scripted_client import never
from .chat_client import (
    WELCOME_RULES,
    ChatClient,
    connect,
    connect_and_join,
    connect_members,
    expect_said,
    has_type,
    is_notice,
    is_said,
    members_present,
    random_name,
)

# Task 3: say it to all


def said_rules(number: int, own: bool = False) -> list[Rule]:
    """Return the rules for what comes instead of the `said` with that id; `own` is for its sender."""

    def id_meets(meets: Callable[[Any], bool]) -> Predicate:
        return lambda got: is_said(got) and meets(got.json_object["id"])

    return [
        Rule(when(own, is_nothing), "sender-missing"),
        Rule(is_nothing, "not-all"),
        Rule(both(is_said, lacks_key("id")), "no-id"),
        Rule(id_meets(lambda found: found == number - 1 > 0), "twice"),
        Rule(id_meets(lambda found: found != number), "wrong-id"),
    ]


@task("capstone.3")
async def says_to_all(context: CheckContext) -> None:
    """What a member says reaches all three members, the sender too, with the ids 1, 2, 3.

    So do an empty text and the same text twice, with 4, 5 and 6.
    Six more texts, from two members at once, reach all three in the same order, with the ids 7 to 12.
    """
    members = await connect_members(context, random_name(context), *"ABC")
    a, b, c = members
    for number, sender in enumerate((a, b, a), start=1):
        word = context.text()
        await sender.say(word)
        for listener in (*(one for one in members if one is not sender), sender):
            rules = said_rules(number, own=listener is sender)
            await listener.expect(type="said", id=number, name=sender.name, text=word, rules=rules)
    for number, text in ((4, ""), (5, word), (6, word)):
        await b.say(text)
        for listener in members:
            rules = said_rules(number, own=listener is b)
            await listener.expect(type="said", id=number, name=b.name, text=text, rules=rules)
    await asyncio.gather(a.say_words(3), c.say_words(3))
    heard = [
        [await member.expect(type="said", id=number, rules=said_rules(number)) for number in range(7, 13)]
        for member in members
    ]
    orders = [[(got.json_object.get("name"), got.json_object.get("text")) for got in one] for one in heard]
    if any(order != orders[0] for order in orders):
        context.fail("different-order")


# Task 4: walls between rooms


def name_outside(names: set[str]) -> Predicate:
    """Return a predicate for a message whose `name` is none of these."""
    return lambda got: got.json_object.get("name") not in names


def room_rules(names: set[str], word: str) -> list[Rule]:
    """Return the rules for what comes from another room, in a room of these names in which `word` was said."""
    return [
        Rule(both(is_notice, name_outside(names)), "notice-leaked"),
        Rule(both(is_said, name_outside(names)), "leaked"),
        Rule(both(is_said, field_in("text", [word])), "shared-count"),
    ]


@task("capstone.4")
async def keeps_rooms_apart(context: CheckContext) -> None:
    """Two rooms are used at the same time: no text and no notice crosses over, and each counts its own ids.

    The welcome of a newcomer names the members of its own room, and the newest id there.
    A room keeps its count when its last member leaves.
    """
    red, blue = random_name(context), random_name(context)
    a = await connect_and_join(context, "A", red)
    b = await connect_and_join(context, "B", blue)
    c = await connect_and_join(context, "C", red)
    for sender, listeners, number in ((a, (a, c), 1), (b, (b,), 1), (c, (a, c), 2), (b, (b,), 2)):
        word = context.word()
        await sender.say(word)
        rules = room_rules({b.name} if sender is b else {a.name, c.name}, word)
        for listener in listeners:
            await listener.expect(type="said", id=number, name=sender.name, text=word, rules=rules)
    d = await connect(context, "D")
    await d.join(blue)
    await d.expect(
        type="welcome",
        present=sorted([b.name, d.name]),
        last=2,
        rules=[
            Rule(lambda got: len(members_present(got)) > 2, "present-leaked"),
            Rule(lambda got: got.json_object.get("last") not in (None, 2), "shared-count"),
        ],
    )
    await b.client.close()
    await d.client.abort()
    await asyncio.sleep(NOTICED)
    await expect_said(a, [a, c], 3)
    e = await connect(context, "E")
    await e.join(blue)
    forgotten = Rule(lambda got: got.json_object.get("last") == 0, "count-lost")
    await e.expect(type="welcome", last=2, rules=[*WELCOME_RULES[1:], forgotten])
    word = context.word()
    await e.say(word)
    lost = Rule(both(field_in("text", [word]), field_in("id", [1])), "count-lost")
    await e.expect(type="said", id=3, text=word, skip=lambda got: got.is_message and word not in str(got), rules=[lost])


# Task 5: who comes and goes

TWICE = [Rule(is_notice, "twice"), Rule(is_closed, "kicked")]


def other_name_than(name: str) -> Rule:
    """Return the rule for a message that has another `name`."""
    return Rule(lambda got: got.json_object.get("name") not in (None, name), "wrong-name")


async def send_binary(client: ChatClient) -> None:
    """Send a binary frame, and expect close code 1003."""
    await client.client.send(client.context.blob())
    rules = [Rule(is_nothing, "binary-kept"), Rule(is_lost, "binary-lost")]
    await client.client.expect_close(1003, skip=is_message, rules=rules)


DEPARTURES: dict[str, Callable[[ChatClient], Awaitable[None]]] = {
    "closes": lambda guest: guest.client.close(),
    "aborts": lambda guest: guest.client.abort(),
    "binary": send_binary,
    "code": lambda guest: guest.client.close(guest.context.random.choice([1001, 3000, 4001])),
}
"""How a guest leaves, by the name that its diagnosis has: `no-left-closes`."""


@task("capstone.5")
async def tells_who_comes_and_goes(context: CheckContext) -> None:
    """A member gets `joined` once for each of four newcomers, and `left` once for each of them, and none of its own.

    The newcomers leave by a close with 1000, a TCP reset, a binary frame, which is closed with 1003, and a close
    with another code.
    A name that is refused as taken, and a client that never joins, are no reason for a notice.
    No client that leaves makes a traceback.
    """
    room = random_name(context)
    a = await connect_and_join(context, "A", room)
    await expect_said(a, [], 1)
    await a.expect(type="said", id=1, skip=never, rules=[Rule(is_notice, "own-notice")])
    for number, how in enumerate(DEPARTURES, start=1):
        guest = await join_as_guest(context, a, room, f"Guest {number}")
        word = await expect_said(a, [], 2 * number)
        await guest.expect(type="said", text=word, skip=is_said, rules=[Rule(has_type("joined"), "own-notice")])
        await a.expect(type="said", id=2 * number, skip=never, rules=TWICE)
        await DEPARTURES[how](guest)
        rules = [Rule(is_nothing, f"no-left-{how}"), Rule(is_closed, "kicked"), other_name_than(guest.name)]
        await a.expect(type="left", name=guest.name, skip=never, rules=rules)
        await expect_said(a, [], 2 * number + 1)
        await a.expect(type="said", id=2 * number + 1, skip=never, rules=TWICE)
    not_joined = await connect(context, "Stranger")
    await not_joined.client.close()
    await asyncio.sleep(NOTICED)
    last = 2 * len(DEPARTURES) + 2
    await expect_said(a, [], last)
    await a.expect(type="said", id=last, skip=never, rules=[Rule(has_type("left"), "stranger")])
    await context.expect_no_traceback("not-caught")


async def join_as_guest(context: CheckContext, member: ChatClient, room: str, lane: str) -> ChatClient:
    """Connect a client that is refused the member's name, joins under another, and is announced to the member."""
    guest = await connect(context, lane)
    await guest.join(room, member.name)
    await guest.expect(type="error", code="name-taken", rules=WELCOME_RULES[:1])
    await guest.join(room, random_name(context))
    await guest.expect(type="welcome", rules=WELCOME_RULES)
    await member.expect(
        type="joined",
        name=guest.name,
        skip=never,
        rules=[Rule(is_nothing, "no-joined"), Rule(has_type("left"), "left-early"), other_name_than(guest.name)],
    )
    return guest
