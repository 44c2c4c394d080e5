"""Tasks 3 and 4: a reply that may come too late, and news for a limited time."""

from __future__ import annotations

import asyncio

from ....display.events import RECEIVED, SENT, STATE
from ...context import CheckContext
from ...received import close_frame_line, data_frame_line, show
from ...registry import task
from .questions import distinct_words, expect_exchange
from .results import judge_call
from .servers import CLOSE, AnsweringServer, NewsServer

QUICK, LONG_LIMIT = 0.15, 0.5  # seconds: a reply that comes within its time limit
LATE, SHORT_LIMIT = 0.5, 0.15  # seconds: a reply that does not
LISTENING = 0.3  # seconds that task 4 listens
EARLIEST, LATEST = 0.25, 0.8  # seconds after the handshake: when task 4 may say `bye`, on a busy machine
SETTLE = 0.05  # seconds in which a server notices who has left


async def expect_reply_in_time(context: CheckContext) -> None:
    """Expect the reply of a server that answers within the time limit."""
    text, reply = distinct_words(context, 2)
    expect_exchange(context, [("A", text, reply)])
    server = AnsweringServer(context.hosted_transcript, {text: reply}, {text: QUICK})
    called = await context.call(await context.host(server.app), text, LONG_LIMIT)
    if called.error == "TimeoutError" or (called.value is None and not called.error and server.asked):
        context.fail("too-early", seconds=QUICK, limit=LONG_LIMIT)
    judge_call(context, called)
    if not server.asked:
        context.fail("nothing-asked")
    if called.value != reply:
        context.fail("other-value", got=show(called.value), expected=show(reply))


async def expect_none(context: CheckContext) -> None:
    """Expect None when the time is over, and a connection that the late reply does not find open."""
    text, reply = distinct_words(context, 2)
    context.expected.add("A", SENT, data_frame_line(text))
    context.expected.add("A", STATE, f"TIME LIMIT {SHORT_LIMIT} s")
    server = AnsweringServer(context.hosted_transcript, {text: reply}, {text: LATE})
    called = await context.call(await context.host(server.app), text, SHORT_LIMIT)
    if called.error in ("TimeoutError", "WaitTimeout"):
        context.fail("timeout-leaves", error=called.error)
    judge_call(context, called)
    if called.value == reply:
        context.fail("no-limit", seconds=LATE, limit=SHORT_LIMIT)
    if called.value is not None:
        context.fail("not-none", got=show(called.value))
    if text in server.answered:
        context.fail("waited-anyway", seconds=LATE, limit=SHORT_LIMIT)
    await asyncio.sleep(LATE - SHORT_LIMIT + SETTLE)
    if text in server.answered:
        context.fail("goes-on", seconds=LATE)


async def expect_other_errors(context: CheckContext) -> None:
    """Expect `Closed` where the server closes the connection in place of an answer."""
    text = context.word()
    context.expected.add("A", SENT, data_frame_line(text))
    context.expected.add("A", RECEIVED, close_frame_line(4000))
    server = AnsweringServer(context.hosted_transcript, {text: CLOSE})
    called = await context.call(await context.host(server.app), text, LONG_LIMIT)
    if called.error != "Closed":
        context.fail("hides-errors", got=called.error or show(called.value))


@task("coroutines.3")
async def keeps_a_time_limit(context: CheckContext) -> None:
    """The function returns the reply, or None where it does not come within `seconds`; then it waits no longer.

    Any other exception leaves the function: here `Closed`.
    """
    await expect_reply_in_time(context)
    await expect_none(context)
    await expect_other_errors(context)


@task("coroutines.4")
async def listens_and_says_bye(context: CheckContext) -> None:
    """The function collects the texts that come within `seconds`, then sends `bye`, closes and returns the texts.

    Two to four texts come in that time, and one after it.
    """
    words = distinct_words(context, context.number(3, 5))
    for word in words[:-1]:
        context.expected.add("A", RECEIVED, data_frame_line(word))
    context.expected.add("A", SENT, data_frame_line("bye"))
    context.expected.add("A", STATE, "GONE")
    server = NewsServer(context.hosted_transcript, words)
    called = await context.call(await context.host(server.app), LISTENING)
    if called.error == "TimeoutError":
        context.fail("timeout-leaves", error=called.error)
    judge_call(context, called)
    if not server.connections:
        context.fail("not-connected")
    await asyncio.sleep(SETTLE)
    if not isinstance(called.value, list | tuple):
        context.fail("no-list", got=show(called.value))
    got = list(called.value)
    if got == words:
        context.fail("no-limit", seconds=LISTENING)
    if got != words[:-1]:
        context.fail("other-texts", got=got, expected=words[:-1])
    if server.received != ["bye"]:
        context.fail("no-bye" if not server.received else "other-goodbye", got=server.received)
    if server.connections > 1:
        context.fail("second-connection", connections=server.connections)
    if server.first_received is not None and not EARLIEST < server.first_received < LATEST:
        context.fail("bye-at-another-time", got=round(server.first_received, 2), seconds=LISTENING)
    if server.open:
        context.fail("left-open")
