"""Tasks 6 and 7: what was said before, and what was missed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...context import CheckContext
from ...registry import task
from ...retries import NOTICED
from ...rules import Predicate, Rule, is_nothing
from .chat_client import (
    REPLAYED,
    WELCOME_RULES,
    ChatClient,
    connect,
    connect_and_join,
    connect_members,
    expect_said,
    random_name,
    said_id_above,
    said_id_in,
)
from .joining import rejoin


async def expect_replay(client: ChatClient, first: int, last: int, words: Sequence[str], rules: Sequence[Rule]) -> None:
    """Expect the messages with the ids from `first` to `last`; `words` are all that were said in the room."""
    for number in range(first, last + 1):
        await client.expect(type="said", id=number, text=words[number - 1], rules=rules)


@task("capstone.6")
async def replays_history(context: CheckContext) -> None:
    """A newcomer gets the room's newest ten messages, oldest first, after its welcome and before anything new.

    The welcome's `last` is the newest id. Of three messages it gets all, of twelve the newest ten.
    Nobody else gets a message twice. The room keeps its messages when the last member leaves.
    """
    room = random_name(context)
    a = await connect_and_join(context, "A", room)
    words = [await expect_said(a, [a], number) for number in (1, 2, 3)]
    b = await connect_and_join(context, "B", room)
    await expect_replay(b, 1, 3, words, [Rule(is_nothing, "no-history"), Rule(said_id_in(3, 3), "backwards")])
    for number in range(4, 13):
        sender = (a, b)[number % 2]
        to_all = Rule(said_id_in(1, number - 1), "replayed-to-all")
        words.append(await expect_said(sender, [a, b], number, [to_all]))
    c = await connect(context, "C")
    await c.join(room)
    wrong_last = Rule(lambda got: got.json_object.get("last") != 12, "last-wrong")
    await c.expect(type="welcome", last=12, rules=[*WELCOME_RULES, wrong_last])
    first_rules = [
        Rule(said_id_in(1, 12 - REPLAYED), "too-many"),
        Rule(said_id_in(12, 12), "backwards"),
        Rule(is_nothing, "too-few"),
        Rule(said_id_above(3), "too-few"),
    ]
    await c.expect(type="said", id=3, text=words[2], rules=first_rules)
    await expect_replay(c, 4, 12, words, [Rule(said_id_above(3), "order"), Rule(is_nothing, "too-few")])
    word = await expect_said(a, [c], 13, [Rule(said_id_in(1, 12), "twice")])
    for listener in (a, b):
        rules = [Rule(said_id_in(1, 12), "replayed-to-all")]
        await listener.expect(type="said", id=13, text=word, rules=rules)
    words.append(word)
    for member in (a, b, c):
        await member.client.close()
    await asyncio.sleep(NOTICED)
    d = await connect_and_join(context, "D", room)
    await expect_replay(d, 4, 13, words, [Rule(is_nothing, "messages-lost")])


def after_rules(last: int) -> list[Rule]:
    """Return the rules for what comes instead of the message after the id `last`."""
    return [
        Rule(said_id_in(1, last), "again"),
        Rule(said_id_above(last + 1), "hole"),
        Rule(is_nothing, "hole"),
    ]


@task("capstone.7")
async def resumes(context: CheckContext) -> None:
    """A client that joins with `last` gets every message after that id, each once and in order.

    It had its TCP connection reset. `last` is the newest id, an older one, 1 or 0 (more than ten messages are missed).
    The last client joins with 10 while two members say four texts each, and gets the ids 11 to 20 without a gap.
    Of 105 messages, a client that joins with 0 gets the newest hundred.
    """
    room = random_name(context)
    a, b = await connect_members(context, room, "A", "B")
    words = [await expect_said(a, [a, b], number, after_rules(number - 1)) for number in (1, 2)]
    await b.client.abort()
    words += [await expect_said(a, [a], number) for number in (3, 4, 5)]
    b = await rejoin(context, room, b.name, last=2)
    await expect_replay(b, 3, 5, words, after_rules(2))
    words.append(await expect_said(a, [a, b], 6, after_rules(5)))
    c = await connect_and_join(context, "C", room, last=6)
    words.append(await expect_said(b, [c, a, b], 7, after_rules(6)))
    for number in range(8, 13):
        words.append(await expect_said(b, [a, b, c], number, after_rules(7)))
    newest_only = said_id_in(13 - REPLAYED, 13 - REPLAYED)
    d = await connect_and_join(context, "D", room, last=1)
    await expect_replay(d, 2, 12, words, [Rule(newest_only, "capped"), *after_rules(1)])
    e = await connect_and_join(context, "E", room, last=0)
    await expect_replay(e, 1, 12, words, [Rule(newest_only, "zero"), *after_rules(0)])
    f = await connect(context, "F")
    await asyncio.gather(b.say_words(4), f.join(room, last=10), c.say_words(4))
    await f.expect(type="welcome", rules=WELCOME_RULES)
    await expect_during(f)
    await expect_a_hundred(context)


def of_others(client: ChatClient) -> Predicate:
    """Return a predicate for what others do: it has another `name`."""
    return lambda got: got.json_object.get("name") != client.name and not got.nothing and not got.closed


async def expect_a_hundred(context: CheckContext) -> None:
    """Let seven members say 15 texts each, and expect the newest hundred at who joins with `last` 0."""
    room = random_name(context)
    for lane in "GHIJKLM":
        speaker = await connect_and_join(context, lane, room)
        await speaker.say_words(15)
        for _ in range(15):
            await speaker.expect(type="said", name=speaker.name, skip=of_others(speaker))
        await speaker.client.close()
    n = await connect(context, "N")
    await n.join(room, last=0)
    await n.expect(type="welcome", last=105, rules=WELCOME_RULES)
    rules = [Rule(said_id_in(1, 5), "more-than-a-hundred"), Rule(said_id_above(6), "less-than-a-hundred")]
    await n.expect(type="said", id=6, rules=rules)
    for number in range(7, 106):
        await n.expect(type="said", id=number, rules=[Rule(said_id_above(0), "hole"), Rule(is_nothing, "hole")])


async def expect_during(f: ChatClient) -> None:
    """Expect the ids 11 to 20, some of which were said while the client joined."""
    for number in range(11, 21):
        await f.expect(type="said", id=number, rules=[Rule(said_id_above(0), "overlap"), Rule(is_nothing, "hole")])
