"""Task 2: a client that reconnects."""

from __future__ import annotations

import asyncio

from ...backend import Called
from ...context import CheckContext
from ...registry import task
from .restarting_server import RestartingServer

SHORTEST, LONGEST = 0.045, 1.5  # seconds between the end of a connection and the next handshake; the task asks for 0.05
SECONDS = 6.0  # that a client has to come back as often as it must
OTHERS = ((1008, 1011, 1013, 4001), (401, 403, 404, 500))  # close codes, HTTP statuses that mean the end


def random_messages(context: CheckContext, count: int) -> list[tuple[str, str]]:
    """Return ids and texts of that many messages: the ids are in no order, two texts are equal, one is empty."""
    ids = context.random.sample(range(10, 10_000), count)
    texts = [context.text() for _ in ids]
    texts[1] = texts[3] = texts[0]
    texts[context.random.choice((2, 4))] = ""
    return [(str(id), text) for id, text in zip(ids, texts, strict=True)]


def judge_texts(context: CheckContext, called: Called, expected: list[str], end: str) -> None:
    """Fail unless the learner's function returned these texts. `end` words how the connections ended."""
    if called.timed_out or called.error == "WaitTimeout":
        context.fail("never-done", seconds=round(called.seconds, 1), code=end)
    if called.error == "Closed":
        context.fail("gave-up", code=end, detail=called.detail)
    if called.error == "Refused":
        context.fail("gave-up-503", detail=called.detail)
    if called.error:
        context.fail("raised", error=f"{called.error}: {called.detail}")
    if called.value == expected:
        return
    texts = called.value if isinstance(called.value, list) else None
    if texts is None or not all(isinstance(text, str) for text in texts):
        context.fail("not-texts", got=repr(called.value)[:80])
    if len(texts) > len(expected) and texts[: len(expected)] == expected:
        context.fail("too-many", got=len(texts), count=len(expected))
    if any(texts.count(text) > expected.count(text) for text in texts if text in expected):
        context.fail("twice", got=texts)
    if texts == expected[: len(texts)]:
        context.fail("stopped-early", got=len(texts), count=len(expected))
    context.fail("other-texts", got=texts, expected=expected)


async def expect_comes_back(
    context: CheckContext, end: str, ends: list[int], empty: tuple[int, ...] = (), count: int = 5, spare: int = 2
) -> None:
    """Let the client meet these ends, and expect the first `count` texts of `count + spare`; `end` words the ends."""
    server = RestartingServer(random_messages(context, count + spare), ends, empty)
    called = await context.call(await context.host(server.app), count, timeout=SECONDS)
    judge_texts(context, called, server.texts[:count], end)
    if server.pauses and min(server.pauses) < SHORTEST:
        context.fail("hammers", milliseconds=round(min(server.pauses) * 1000))
    if server.pauses and max(server.pauses) > LONGEST:
        context.fail("too-slow", seconds=round(max(server.pauses), 1))
    if len(server.last_ids) != len(ends):
        context.fail("came-back-for-nothing", asked=len(server.last_ids))


async def expect_let_out(context: CheckContext, ends: list[int]) -> None:
    """Let the client meet these ends, and expect that the exception of the last one comes out of it."""
    server = RestartingServer(random_messages(context, 7), ends)
    called = await context.call(await context.host(server.app), 7, timeout=context.patience)
    error = "Refused" if 400 <= ends[-1] < 600 else "Closed"
    if called.error != error:
        got = called.error or ("no exception" if not called.timed_out else "nothing: it still tried")
        context.fail("knocks-for-ever", end=ends[-1], knocks=len(server.last_ids), error=error, got=got)


@task("deploy.2")
async def reconnects(context: CheckContext) -> None:
    """The function returns the first `count` texts, each message once and in order, whatever ends a connection.

    It reconnects after 1012, 1006 and HTTP 503, one after another and before a first message too, with a pause of
    0.045 to 1.5 s; it connects no more often than needed.
    It lets `Closed` with another code and `Refused` with another status out, at first and later on.
    Equal texts are messages of their own; ids are in no order; there may be more messages than are wanted.
    """
    for end, ends in (("no end at all", [0]), ("1012", [1012, 0]), ("1006", [1006, 0]), ("503", [503, 0])):
        await expect_comes_back(context, end, ends, spare=0)
    several = context.random.sample([1012, 1006, 503], 3)
    await asyncio.gather(
        expect_comes_back(context, "several", [*several, 1012, 0], empty=(1,), count=8),
        expect_comes_back(context, "1012", [1012, 1012], count=4),
        expect_comes_back(context, "1006", [1006], count=2, spare=5),
        expect_comes_back(context, "no end at all", [0], count=context.number(2, 4), spare=5),
    )
    closes, statuses = OTHERS
    await expect_let_out(context, [4001])
    await expect_let_out(context, [403])
    await asyncio.gather(*(expect_let_out(context, [end]) for end in (*closes, *statuses)))
    for later in (context.random.choice(closes), context.random.choice(statuses)):
        await expect_let_out(context, [1012, later])
