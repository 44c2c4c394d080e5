"""Task 3: a limit that outlives the connection."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from ....display.events import STATE
from ...context import CheckContext
from ...received import Received, show
from ...registry import task
from ...rules import Rule, has_code, is_closed, is_nothing
from ...scripted_client import ScriptedClient

BURST, PER_SECOND = 5, 5.0  # tokens that a bucket holds, and tokens that come back in a second
SENT = 12  # texts, sent at once
ONE_BACK, ANOTHER_BACK = 0.3, 0.12  # seconds in which 1.5 tokens come back, and 0.6 more


@dataclass
class Spending:
    """What one user's texts cost: `answered` of them came back since `began`, on the monotonic clock."""

    user: str
    began: float
    answered: int = 0

    @property
    def allowed(self) -> int:
        """The number of texts that a bucket pays for which was full at the beginning."""
        return BURST + int((time.monotonic() - self.began) * PER_SECOND)


@dataclass(frozen=True)
class Burst:
    """What came of SENT texts at once: how many were answered, within how many seconds, and what came then."""

    answered: int
    seconds: float
    end: Received

    @property
    def most(self) -> int:
        """The number of texts that a full bucket pays for in that time."""
        return BURST + int(self.seconds * PER_SECOND)


async def spend(context: CheckContext, client: ScriptedClient, spending: Spending, *rules: Rule) -> None:
    """Send one text, and expect it back."""
    text = context.text()
    await client.send(text)
    await client.expect(text, rules=rules)
    spending.answered += 1


async def send_burst(context: CheckContext, client: ScriptedClient, spending: Spending) -> Burst:
    """Send SENT texts at once, one of the first five empty, and read echoes until something else comes.

    Raises CheckFailed with `no-echo` for a text that is no echo.
    """
    began, answered = time.monotonic(), 0
    texts = [context.text() for _ in range(SENT)]
    texts[context.random.randrange(BURST)] = ""
    for text in texts:
        await client.send(text)
    context.expected.add(client.name, STATE, f"CLOSED 4029 after {BURST} replies")
    while (got := await client.receive()).text is not None:
        if got.text != texts[answered]:
            context.fail("no-echo", who=client.name, expected=show(texts[answered]), got=got)
        answered += 1
        if answered == SENT:
            break
    spending.answered += answered
    return Burst(answered, time.monotonic() - began, got)


async def expect_closed_with_4029(context: CheckContext, who: str, burst: Burst) -> None:
    """Fail unless the burst ended with close code 4029."""
    fields = {"who": who, "answered": burst.answered, "got": burst.end, "sent": SENT}
    if burst.answered == SENT:
        context.fail("not-limited", **fields)
    if burst.end.nothing:
        context.fail("dropped", **fields)
    if burst.end.lost:
        context.fail("lost-at-the-limit", **fields, log=await context.log_line())
    if burst.end.code != 4029:
        context.fail("other-code", **fields)


async def connect_as(context: CheckContext, name: str, user: str) -> ScriptedClient:
    """Connect a client of that user."""
    return await context.connect(name, "/ws", query={"user": user})


def expect_within(context: CheckContext, spending: Spending, diagnosis: str, who: str, answered: int) -> None:
    """Fail with that diagnosis where a user got more answers than a bucket pays for; `answered` came just now."""
    if spending.answered > spending.allowed:
        context.fail(diagnosis, who=who, answered=answered)


async def expect_full_bucket(context: CheckContext, name: str, user: str) -> Spending:
    """Send a burst as the first client of a user, and expect as many echoes as a full bucket pays for."""
    spending = Spending(user, time.monotonic())
    burst = await send_burst(context, await connect_as(context, name, user), spending)
    if burst.answered == 0 and burst.end.code == 4029:
        context.fail("empty-at-first", who=name)
    await expect_closed_with_4029(context, name, burst)
    if not BURST <= burst.answered <= burst.most:
        context.fail("wrong-burst", who=name, answered=burst.answered)
    return spending


async def expect_shared_bucket(context: CheckContext, user: str) -> ScriptedClient:
    """Spend one user's bucket over two connections at once; return the one that was not closed."""
    spending = Spending(user, time.monotonic())
    stays, goes = await connect_as(context, "C", user), await connect_as(context, "D", user)
    for _ in range(3):
        await spend(context, stays, spending)
    burst = await send_burst(context, goes, spending)
    expect_within(context, spending, "not-shared", "D", burst.answered)
    await expect_closed_with_4029(context, "D", burst)
    if spending.answered < BURST:
        context.fail("wrong-burst", who="D", answered=spending.answered)
    return stays


@task("security.3")
async def limits_a_user(context: CheckContext) -> None:
    """Five texts at once are echoed, plus five for each second that passes, and the next one is closed with 4029.

    A new connection of the same user finds the same bucket, another user finds a full one, and two connections at once
    share one; only the one whose text finds no token is closed.
    After 0.3 s there is a token again, after 0.42 s another one, and no full bucket; a bucket that was not used for a
    while holds five, and no more. Names differ in capitals alone.
    """
    ada = context.name()
    spending = await expect_full_bucket(context, "A", ada)
    saver = Spending(context.name(), time.monotonic())
    b = await connect_as(context, "B", saver.user)
    await spend(context, b, saver, Rule(has_code(4029), "shared-by-all"))
    await expect_full_bucket_of_another(context, ada.swapcase())
    again = await send_burst(context, await connect_as(context, "E", ada), spending)
    expect_within(context, spending, "reconnect-resets", "E", again.answered)
    await expect_closed_with_4029(context, "E", again)
    stays = await expect_shared_bucket(context, context.name())
    await asyncio.sleep(ONE_BACK)
    f = await connect_as(context, "F", ada)
    no_refill = [Rule(has_code(4029), "no-refill"), Rule(is_nothing, "no-refill")]
    await spend(context, f, spending, *no_refill)
    await spend(context, stays, Spending("", 0.0), Rule(is_closed, "closed-too-many"))
    await asyncio.sleep(ANOTHER_BACK)
    await spend(context, f, spending, *no_refill)
    rest = await send_burst(context, f, spending)
    expect_within(context, spending, "too-much-back", "F", rest.answered)
    await expect_closed_with_4029(context, "F", rest)
    saved = await send_burst(context, b, saver)
    await expect_closed_with_4029(context, "B", saved)
    if saved.answered > saved.most:
        context.fail("no-cap", who="B", answered=saved.answered)
    if saved.answered < BURST:
        context.fail("no-refill", who="B")


async def expect_full_bucket_of_another(context: CheckContext, user: str) -> None:
    """Send one text as the first client of another user, and expect it back."""
    client = await connect_as(context, "G", user)
    await spend(context, client, Spending(user, time.monotonic()), Rule(has_code(4029), "shared-by-all"))
