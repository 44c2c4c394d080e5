"""The check of `echo.5`: a count for each connection."""

from __future__ import annotations

import asyncio
import contextlib

from ....errors import CourseError
from ...context import CheckContext
from ...crashes import crashes_named
from ...received import Received
from ...registry import task
from ...retries import doubling
from ...rules import Rule, is_closed, is_nothing, text_contains, text_is, when
from ...scripted_client import ScriptedClient
from .replies import PREFIX, common_reply_rules, padded_text

RECONNECTIONS = 8  # connections, each opened when the one before has ended
_ENDED = 0.1  # seconds in which an endpoint has ended after its client has left
HIGH = 120  # the count that one connection reaches


class Talker:
    """A client, and the number of the reply that is due to it next."""

    def __init__(self, client: ScriptedClient, others: str = "shared-count") -> None:
        self.client = client
        self.number = 1
        self.others = others  # the diagnosis of a number that does not belong to this connection

    async def say(self, *texts: str) -> None:
        """Send all of these texts before anything is read, and expect a numbered reply to each."""
        for text in texts:
            await self.client.send(text)
        for text in texts:
            rules = number_rules(text, self.number, self.others)
            await self.client.expect(f"{self.number}: {text}", rules=rules)
            self.number += 1


def number_of(got: Received) -> int | None:
    """Return the number in front of the colon, None where there is none."""
    head = (got.text or "").partition(":")[0]
    return int(head) if head.isascii() and head.isdigit() and len(head) < 10 else None


def number_rules(text: str, number: int, others: str) -> list[Rule]:
    """Return the rules for what learners send instead of `<number>: <text>`."""
    first = number == 1
    near = [f"{number}{between}{text}" for between in (":", " : ", " ", ". ", ":  ")]
    return [
        Rule(when(not text, is_nothing), "ignored-empty"),
        Rule(lambda got: not text and number_of(got) == number and got.text != f"{number}:", "ignored-empty"),
        Rule(when(not text, is_closed), "refused-empty"),
        Rule(when(not first, is_closed), "only-once"),
        Rule(when(not first, is_nothing), "stopped-answering"),
        Rule(when(first, text_is(f"0: {text}")), "from-zero"),
        Rule(when(bool(text), text_is(text)), "no-number"),
        Rule(text_is(*near), "almost"),
        *common_reply_rules(text, f"{number}: {text}"),
        Rule(text_contains(PREFIX.strip()), "old-prefix"),
        Rule(lambda got: number_of(got) == number, "text-changed"),
        Rule(lambda got: not first and number_of(got) == 1, "stuck-at-one"),
        Rule(lambda got: number_of(got) is not None, others),
        Rule(when(bool(text), text_contains(text)), "other-words"),
    ]


async def expect_new_counts(context: CheckContext) -> None:
    """Expect connections that are opened one after the other to start at 1, each with two messages."""
    for _ in range(RECONNECTIONS):
        others = await context.backend.running()
        client = await context.connect("D")
        await Talker(client, "kept-count").say(context.text(), context.text())
        await client.close()
        for pause in doubling(_ENDED):
            if await context.backend.running() <= others:
                break
            await asyncio.sleep(pause)


async def expect_new_count_from_the_same_port(context: CheckContext) -> None:
    """Expect a new connection from the address and port of one that was reset to start at 1.

    Does nothing where the server listens on a Unix socket, or where the operating system does not give the port again.
    """
    former = await context.connect("E")
    await Talker(former, "kept-count").say(context.text(), context.text())
    local = former.connection.raw.local_address
    await former.abort()
    if not isinstance(local, tuple):
        return
    with contextlib.suppress(OSError, CourseError):
        await Talker(await context.connect("F", local_addr=local[:2]), "kept-count").say(context.text())


@task("echo.5")
async def numbers_the_replies(context: CheckContext) -> None:
    """Clients that talk at the same time have their replies numbered 1, 2, 3 … each on its own.

    A connection that is opened while others talk, after others have left, or from the port of a former one starts at 1.
    Counts go on while others come and go, and beyond 100.
    """
    async with crashes_named(context):
        a, b = Talker(await context.connect("A"), "other-number"), Talker(await context.connect("B"))
        for talker in (a, a, b, a, b):
            await talker.say(context.text())
            a.others = "other-number" if b.number == 1 else "shared-count"
        c = Talker(await context.connect("C"))
        turns = [a, b, c] * 3
        context.random.shuffle(turns)
        for talker in turns:
            await talker.say(context.text())
        await b.client.close()
        await a.say(padded_text(context))
        await a.say("", "", context.text())
        await expect_new_counts(context)
        await c.client.abort()
        await expect_new_count_from_the_same_port(context)
        await a.say(*(context.word() for _ in range(HIGH)))
