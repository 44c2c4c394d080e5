"""Checks of the exercise `duplex`: endpoints that send and receive at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from ..context import CheckContext
from ..received import Received
from ..registry import task
from ..retries import while_busy
from ..rules import Predicate, Rule, both, has_code, is_closed, is_nothing, is_text, text_is
from ..scripted_client import ScriptedClient

ATTEMPTS = 3  # how often a busy machine may make us begin again
PERIOD = 0.1  # seconds between two numbers, or two ticks
LOW, HIGH = 0.75, 1.7  # parts of PERIOD that a measured period may have
WORK = 0.4  # seconds that one call of `work` takes
STARTED = 0.02  # seconds in which a work has begun
AT_ONCE = 0.2  # seconds in which an endpoint ends whose work is cancelled
LIMIT = 0.3  # seconds that one send may take
BIG = "x" * 100_000
PAUSE = 0.06  # seconds for which a slow client reads nothing after twelve texts; a send waits for a few of them at most


async def play_timed(context: CheckContext, play: Callable[[], Awaitable[None]], *doubtful: str) -> None:
    """Await `play()`, and again where it failed with one of the `doubtful` diagnoses: a busy machine may be the cause.

    No client of an attempt outlives it.
    """

    async def attempt() -> None:
        try:
            await play()
        finally:
            await context.close()
            deadline = time.monotonic() + context.patience
            while await context.backend.running() and time.monotonic() < deadline:
                await asyncio.sleep(0.005)

    await while_busy(attempt, ATTEMPTS, doubtful)


def number_of(got: Received) -> int:
    """Return the whole number that the text consists of, or -1."""
    return int(got.text) if got.text and got.text.isascii() and got.text.isdecimal() else -1


def is_number(accepts: Callable[[int], bool]) -> Predicate:
    """Return a predicate for a text that is a number which `accepts` returns true for."""
    return lambda got: number_of(got) >= 0 and accepts(number_of(got))


async def expect_period(
    context: CheckContext,
    client: ScriptedClient,
    expected: Sequence[str],
    rules: Sequence[Rule],
    between: Sequence[str] = (),
) -> None:
    """Expect these texts, one every PERIOD seconds from the first to the last.

    The texts `between` are sent after the first one, a quarter of PERIOD apart.
    Raises CheckFailed with `too-fast` or `too-slow` where the mean period is another.
    """
    began = 0.0
    for place, text in enumerate(expected):
        await client.expect(text, rules=rules)
        if not place:
            began = time.monotonic()
            for sent in between:
                await client.send(sent)
                await asyncio.sleep(PERIOD / 4)
        if place == len(expected) - 1:
            mean = (time.monotonic() - began) / place
            if not PERIOD * LOW <= mean <= PERIOD * HIGH:
                context.fail("too-fast" if mean < PERIOD else "too-slow", who=client.name, mean=f"{mean:.2f}")


async def expect_ended(context: CheckContext, count: int, seconds: float, diagnosis: str) -> None:
    """Expect that at most `count` endpoints run within `seconds`. Raises CheckFailed with that diagnosis."""
    began = time.monotonic()
    while await context.backend.running() > count:
        if time.monotonic() - began > seconds:
            context.fail(diagnosis, seconds=f"{seconds:.1f}")
        await asyncio.sleep(0.005)


# Task 1: numbers that start anew


async def expect_next(client: ScriptedClient, number: int, *rules: Rule) -> None:
    """Expect that number."""
    common = [
        Rule(is_closed, "ended"),
        Rule(is_nothing, "stopped-counting"),
        Rule(is_number(lambda got: got == number - 1), "twice"),
    ]
    await client.expect(str(number), rules=[*rules, *common])


async def start_anew(context: CheckContext, client: ScriptedClient, last: int, diagnosis: str) -> None:
    """Send `again`, and expect 1 to 4, one every PERIOD seconds; `last + 1` may be on its way already."""
    await client.send("again")
    got = await client.receive()
    if number_of(got) == last + 1:
        got = await client.receive()
    client.dialogue.expected.add(client.name, "<", "TEXT '1' [1 byte]")
    if got.text != "1":
        await context.apply_rules(
            [Rule(is_closed, "ended"), Rule(is_nothing, "stopped-counting")], got, who=client.name
        )
        await context.fail_for(got, diagnosis, who=client.name)
    rules = [Rule(is_number(lambda number: number > 4), "two-counters"), Rule(is_number(lambda _number: True), "mixed")]
    await expect_period(context, client, ["2", "3", "4"], [*rules, Rule(is_closed, "ended")])


@task("duplex.1")
async def counts_and_starts_anew(context: CheckContext) -> None:
    """Numbers come by themselves, one every 0.1 s; `again` makes them start with 1, as often as it is sent.

    Other texts, and another client's `again`, change nothing. A client that closes or is lost leaves no traceback.
    """

    async def play() -> None:
        a = await context.connect("A")
        first = [Rule(is_nothing, "waits-for-client"), Rule(text_is("0"), "from-zero"), Rule(is_closed, "ended")]
        await a.expect("1", rules=first)
        rules = [Rule(is_nothing, "only-one"), Rule(is_closed, "ended"), Rule(text_is("1"), "always-one")]
        await expect_period(context, a, ["2", "3", "4"], rules)
        b = await context.connect("B")
        await b.expect("1", rules=[Rule(is_number(lambda number: number > 1), "shared")])
        await expect_next(a, 5)
        others = [context.text(), f"again{context.word()}", "Again", "again "]
        context.random.shuffle(others)
        for text in others:
            await a.send(text)
        echoed = Rule(lambda got: got.text is not None and any(text in got.text for text in others), "echoed")
        for number in (6, 7):
            await expect_next(a, number, Rule(text_is("1"), "any-text"), echoed)
        await start_anew(context, a, 7, "not-reset")
        await start_anew(context, a, 4, "reset-once")
        for number in range(2, 8):
            await expect_next(b, number, Rule(is_number(lambda got: got < 5), "others-reset"))
        await b.close()
        await expect_ended(context, 1, context.patience, "runs-on")
        await a.abort()
        await context.expect_endpoints_ended("not-caught")

    await play_timed(context, play, "too-slow")


# Task 2: hear the client while you work


async def expect_busy(client: ScriptedClient, number: int, results: Sequence[str], *rules: Rule) -> None:
    """Send `busy`, and expect that number before any of the `results`."""
    await client.send("busy")
    common = [
        Rule(both(is_text, lambda got: got.text in results), "not-at-once"),
        Rule(text_is("ysub"), "worked-busy"),
        Rule(is_closed, "ended"),
    ]
    await client.expect(str(number), rules=[*rules, *common])


@task("duplex.2")
async def hears_while_it_works(context: CheckContext) -> None:
    """`busy` is answered before the works that run, with their number for this client; works run side by side.

    A client that leaves during its works ends its endpoint within 0.2 s and leaves no traceback.
    """

    async def play() -> None:
        a, b = await context.connect("A"), await context.connect("B")
        twice = context.text()
        texts = [twice, f"busy {context.word()}", "", twice, *context.words(context.random.randint(1, 4))]
        results = [text[::-1] for text in texts]
        await expect_busy(a, 0, [])
        began = time.monotonic()
        for text in texts:
            await a.send(text)
        await asyncio.sleep(STARTED)
        more = Rule(is_number(lambda number: number > len(texts)), "counts-busy")
        fewer = Rule(is_number(lambda number: number < len(texts)), "counts-too-few")
        await expect_busy(a, len(texts), results, more, fewer)
        await expect_busy(a, len(texts), results, more, fewer)
        await expect_busy(b, 0, [], Rule(text_is(str(len(texts))), "counts-all"))
        await expect_results(context, a, results)
        if time.monotonic() - began > WORK * 1.9:
            context.fail("one-after-another", seconds=f"{time.monotonic() - began:.1f}")
        if time.monotonic() - began < WORK * 0.9:
            context.fail("did-not-work")
        await expect_busy(a, 0, results, Rule(is_number(lambda number: number > 0), "never-down"))
        for client in (a, b):
            await client.send(context.word())
        await asyncio.sleep(STARTED)
        await expect_busy(b, 1, [])
        await a.close()
        await expect_ended(context, 1, AT_ONCE, "waits-for-work")
        await b.abort()
        await expect_ended(context, 0, AT_ONCE, "waits-for-work")
        await context.expect_endpoints_ended("not-caught")

    await play_timed(context, play, "one-after-another", "waits-for-work", "not-at-once", "counts-too-few")


async def expect_results(context: CheckContext, client: ScriptedClient, results: Sequence[str]) -> None:
    """Expect each of the results once, in any order."""
    left = list(results)
    while left:
        got = await client.expect_where(
            is_text,
            f"TEXT {left[0]!r}",
            rules=[Rule(is_closed, "ended"), Rule(is_nothing, "no-result")],
        )
        if got.text not in left:
            await context.fail_for(got, "wrong-result", who=client.name)
        left.remove(got.text or "")


# Task 3: give up a client that does not read


async def expect_texts(client: ScriptedClient, number: int, *rules: Rule) -> None:
    """Expect `number` big texts, then `done`."""
    common = [Rule(is_closed, "ended"), Rule(is_nothing, "sends-nothing")]
    for place in range(number):
        await client.expect(BIG, rules=[*rules, Rule(text_is("done"), "too-few"), *common])
        if len(rules) and place % 12 == 11:
            await asyncio.sleep(PAUSE)
    await client.expect("done", rules=[*rules, Rule(text_is(BIG), "too-many"), Rule(is_nothing, "no-done"), *common])


@task("duplex.3")
async def gives_up_stuck_clients(context: CheckContext) -> None:
    """A client that reads nothing is given up 0.3 s later; one that reads slowly gets everything, and so do others.

    Each number is served, and a client that closes, or is lost while texts are sent, leaves no traceback.
    """

    async def play() -> None:
        a = await context.connect("A")
        for number in (2, 0, context.random.randint(3, 6)):
            await a.send(str(number))
            await expect_texts(a, number)
        slow = await context.connect("Slow")
        await slow.send("120")
        await expect_texts(slow, 120, Rule(is_closed, "gave-up-slow"))
        stuck = await context.connect("Stuck")
        stuck.stop_reading()
        began = time.monotonic()
        await stuck.send("300")
        await asyncio.sleep(LIMIT / 6)
        await a.send("1")
        await expect_texts(a, 1)
        if time.monotonic() - began > LIMIT * 0.9:
            context.fail("others-wait")
        await expect_ended(context, 2, began + LIMIT * 2.2 - time.monotonic(), "still-waits")
        if time.monotonic() - began < LIMIT * 0.9:
            context.fail("too-early")
        await a.send("1")
        await expect_texts(a, 1)
        lost = await context.connect("Lost")
        await lost.send("300")
        await lost.expect(BIG)
        await lost.abort()
        await a.close()
        await slow.abort()
        await context.expect_endpoints_ended("not-caught")

    await play_timed(context, play, "gave-up-slow", "still-waits", "too-early", "others-wait")


# Task 4: a switch


async def turn_off(client: ScriptedClient, most: int = 3) -> None:
    """Send `off`, and expect `stopped` after at most `most` ticks that were on their way, and nothing after it."""
    await client.send("off")
    rules = [Rule(is_nothing, "not-stopped"), Rule(is_closed, "ended")]
    for _ in range(most):
        got = await client.receive()
        if got.text != "tick":
            break
    client.dialogue.expected.add(client.name, "<", "TEXT 'stopped' [7 bytes]")
    if got.text != "stopped":
        await client.dialogue.apply_rules(rules, got, who=client.name)
        await client.dialogue.fail_for(got, "keeps-on" if got.text == "tick" else "other-answer", who=client.name)
    await client.expect_nothing(PERIOD * 2.5, rules=[Rule(text_is("tick"), "ticks-after"), Rule(is_closed, "ended")])


@task("duplex.4")
async def switches_ticks(context: CheckContext) -> None:
    """Ticks run between `on` and `off`, one every 0.1 s, a second `on` notwithstanding, each time anew.

    Another client hears nothing. A client that leaves while its ticks run leaves no traceback.
    """

    async def play() -> None:
        a, b = await context.connect("A"), await context.connect("B")
        early = [Rule(is_text, "ticks-before"), Rule(has_code(1000, 1006), "ended")]
        await a.expect_nothing(PERIOD * 1.5, rules=early)
        for switched in range(2):
            await a.send("on")
            await a.expect(
                "tick", rules=[Rule(is_nothing, "on-once" if switched else "no-tick"), Rule(is_closed, "ended")]
            )
            rules = [Rule(is_nothing, "one-tick"), Rule(is_closed, "ended")]
            await expect_period(context, a, ["tick"] * 4, rules, between=[] if switched else ["on"] * 3)
            await b.expect_nothing(0.01, rules=[Rule(is_text, "shared")])
            await turn_off(a)
        await turn_off(b)
        await b.send("on")
        await b.expect("tick", rules=[Rule(is_nothing, "on-once"), Rule(is_closed, "ended")])
        await b.close()
        await expect_ended(context, 1, context.patience, "runs-on")
        await a.send("on")
        await a.expect("tick")
        await a.abort()
        await context.expect_endpoints_ended("not-caught")

    await play_timed(context, play, "too-slow")
