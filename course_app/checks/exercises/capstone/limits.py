"""Tasks 10 to 12: limits of size, of rate, and of patience with a client that does not read."""

from __future__ import annotations

import asyncio
import json
import time

from ...context import CheckContext
from ...received import show
from ...registry import task
from ...retries import NOTICED
from ...rules import Rule, both, either, field_in, is_closed, is_lost, is_message, is_nothing
from .chat_client import (
    MESSAGE_LIMIT,
    PER_SECOND,
    ChatClient,
    connect_members,
    expect_said,
    is_error,
    is_notice,
    is_said,
    random_name,
    said_id_above,
    said_id_in,
)

SECOND = 1.1  # seconds after which the messages of the second before count no more
OTHERS_CLOSED = Rule(is_closed, "others-closed")

# Task 10: no message too big


def say_message(size: int, letter: str = "x") -> str:
    """Return a `say` as JSON that has `size` bytes in UTF-8, its text made of `letter`."""
    rest = size - len(json.dumps({"type": "say", "text": ""}).encode())
    text = letter * (rest // len(letter.encode())) + "x" * (rest % len(letter.encode()))
    return json.dumps({"type": "say", "text": text}, ensure_ascii=False)


@task("capstone.10")
async def limits_the_size(context: CheckContext) -> None:
    """A message of 65,536 bytes reaches all members; one with more closes its connection with 1009.

    It is one byte over, or two in two-byte characters, of which there are fewer than the limit.
    Nobody hears it, it takes no id, and the others stay connected.
    """
    a, b, c, d = await connect_members(context, random_name(context), *"ABCD")
    await a.client.send(say_message(MESSAGE_LIMIT))
    too_strict = [Rule(is_closed, "too-strict"), Rule(is_error, "too-strict")]
    await a.expect(type="said", id=1, name=a.name, rules=too_strict)
    await b.expect(type="said", id=1, name=a.name)
    cases = ((c, say_message(MESSAGE_LIMIT + 2, "é"), "characters"), (d, say_message(MESSAGE_LIMIT + 1), "one-more"))
    for sender, message, accepted in cases:
        await sender.expect(type="said", id=1, name=a.name)
        await sender.client.send(message)
        await sender.client.expect_close(
            1009, skip=is_notice, rules=[Rule(is_said, accepted), Rule(is_error, "only-error")]
        )
    await expect_said(a, [a, b], 2, [Rule(is_said, "passed-on"), OTHERS_CLOSED])


# Task 11: not too fast


@task("capstone.11")
async def limits_the_rate(context: CheckContext) -> None:
    """Twenty texts at once are taken; of sixty at once 20 are, and 1008 closes the connection.

    Where it takes longer, 20 more are taken for each second.
    The others stay connected and served. Who has sent 15 may send 20 a second later.
    """
    a, b, fast = await connect_members(context, random_name(context), "A", "B", "Flood")
    began = time.monotonic()
    words = context.words(14)
    for word in words:
        await a.say(word)
    strict = [Rule(is_closed, "too-strict"), Rule(is_error, "too-strict"), Rule(is_nothing, "too-strict")]
    for number, word in enumerate(words, start=1):
        await a.expect(type="said", id=number, text=word, rules=strict)
        await b.expect(type="said", id=number, text=word)
    flooded = time.monotonic()
    await fast.say_words(3 * PER_SECOND)
    before = await fast.client.expect_close(1008, skip=is_message, rules=[Rule(is_nothing, "not-limited")])
    heard = sum(field_in("name", [fast.name])(got) for got in before)
    if heard > PER_SECOND * (1 + time.monotonic() - flooded):
        context.fail("limited-late", heard=heard)
    word = context.word()
    await b.say(word)
    rules = [OTHERS_CLOSED, Rule(is_nothing, "others-closed")]
    for listener in (a, b):
        while (got := await listener.client.receive()).json_object.get("text") != word:
            await context.apply_rules(rules, got, who=listener.client.name, expected=show(word))
    await asyncio.sleep(max(0.0, began + SECOND - time.monotonic()))
    await a.say_words(PER_SECOND)
    await expect_all(a, PER_SECOND // 2, "for-life")
    await expect_all(a, PER_SECOND // 2, "too-strict")


async def expect_all(client: ChatClient, count: int, diagnosis: str) -> None:
    """Expect that many of the client's own texts; `diagnosis` names that they did not come."""
    own = both(is_said, field_in("name", [client.name]))
    for _ in range(count):
        while not own(got := await client.client.receive()):
            rules = [Rule(either(is_closed, is_nothing, is_error), diagnosis)]
            await client.context.apply_rules(rules, got, who=client.client.name, expected="its own text")


# Task 12: nobody waits for the slow

PATIENCE = 0.3  # seconds that a client may take for one message
FILLER = 60_000  # bytes; fourteen of them are more than the socket buffers of a checked server hold


@task("capstone.12")
async def closes_slow_clients(context: CheckContext) -> None:
    """A client stops reading; two others get fifteen texts of 60,000 bytes each, in order, and stay connected.

    0.4 s later the slow one reads again, and finds close code 1013, and not the last text.
    """
    slow, a, b = await connect_members(context, random_name(context), "Slow", "A", "B")
    await expect_said(a, [slow, a, b], 1)
    slow.client.stop_reading()
    rules = [Rule(is_nothing, "frozen"), Rule(is_closed, "healthy-disconnected"), Rule(said_id_above(0), "missed")]
    for number in range(2, 16):
        text = context.word() * (FILLER // 8)
        await a.say(text)
        for listener in (a, b):
            await listener.expect(type="said", id=number, text=text, rules=rules)
    await expect_said(b, [a, b], 16, rules)
    await asyncio.sleep(PATIENCE + 5 * NOTICED)
    slow.client.resume_reading()
    before = await slow.client.expect_close(
        1013, skip=is_message, rules=[Rule(is_nothing, "not-disconnected"), Rule(is_lost, "slow-lost")]
    )
    if any(said_id_in(16, 16)(got) for got in before):
        context.fail("kept-for-later", who="Slow", seconds=PATIENCE)
    await expect_said(b, [a, b], 17, rules)
