"""Tasks 1 and 2: who is connected, and what is left of a connection that has ended."""

from __future__ import annotations

from ...context import CheckContext
from ...failures import CheckFailed
from ...received import Received
from ...registry import task
from ...retries import doubling, eventually
from ...rules import Predicate, Rule, is_closed, is_lost, is_nothing, text_is
from ...scripted_client import ScriptedClient

ENDED = 0.4  # seconds in which an answer may close after a binary frame; it need not

# Task 1: count who is here


def number_in(got: Received, default: int) -> int:
    """Return the integer that the text consists of, or `default`."""
    text = (got.text or "").strip()
    return int(text) if text.lstrip("-").isdecimal() else default


def is_more_than(number: int) -> Predicate:
    """Return a predicate for a text that is a higher integer."""
    return lambda got: number_in(got, number) > number


def is_less_than(number: int) -> Predicate:
    """Return a predicate for a text that is a lower integer."""
    return lambda got: number_in(got, number) < number


async def expect_count(context: CheckContext, client: ScriptedClient, number: int, ghost: str) -> None:
    """Expect `number` as the reply to a random text, soon; a higher one has the diagnosis `ghost`."""

    async def look() -> None:
        await client.send(context.word())
        rules = [
            Rule(is_more_than(number), ghost),
            Rule(is_less_than(number), "twice"),
            Rule(is_closed, "closed-all"),
        ]
        await client.expect(str(number), rules=rules)

    def retry(failed: CheckFailed) -> bool:
        got = failed.fields.get("got")
        return not failed.waited and not (got is not None and got.closed)

    await eventually(look, doubling(context.patience / 2), retry)


@task("disconnections.1")
async def counts_who_is_connected(context: CheckContext) -> None:
    """Each text is answered with the number of connected clients: one, four, and one fewer each time a client leaves.

    One closes with 4000, one resets the TCP connection, one sends a binary frame and is cut off 0.4 s later at the
    latest; a new client is counted again. The first two ends leave no traceback.
    """
    a = await context.connect("A")
    await a.send(context.word())
    await a.expect(
        "1", rules=[Rule(is_less_than(1), "from-zero"), Rule(is_more_than(1), "ghosts"), Rule(is_lost, "lost-at-once")]
    )
    b, c, d = [await context.connect(name) for name in "BCD"]
    await b.send(context.word())
    await b.expect("4", rules=[Rule(text_is("1"), "always-one"), Rule(is_less_than(4), "old-number")])
    await a.send(context.word())
    await a.expect("4", rules=[Rule(is_closed, "only-once"), Rule(is_less_than(4), "old-number")])
    await b.close(4000, "bye")
    await expect_count(context, a, 3, "ghost-leave")
    await context.expect_no_traceback("not-caught")
    await c.abort()
    await expect_count(context, a, 2, "ghost-abort")
    await context.expect_no_traceback("not-caught")
    await d.send(context.blob())
    await d.receive(ENDED)
    await d.abort_if_open()
    await expect_count(context, a, 1, "ghost-binary")
    e = await context.connect("E")
    await expect_count(context, e, 2, "ghost-binary")


# Task 2: two halves, one end


def listening(got: Received) -> int:
    """Return the number that a text such as `2 listening: hi` begins with, else 0."""
    first = (got.text or "").split(" ", 1)[0]
    return int(first) if first.isdigit() else 0


async def expect_published(
    context: CheckContext, sender: ScriptedClient, *listeners: ScriptedClient, rules: tuple[Rule, ...] = ()
) -> None:
    """Send a random word, and expect it at all `listeners`, with their number."""
    word, number = context.word(), len(listeners)
    await sender.send(word)
    common = [
        Rule(text_is(word), "own-half"),
        Rule(lambda got: (got.text or "").endswith(word) and listening(got) > number, "left-behind"),
    ]
    for listener in listeners:
        await listener.expect(f"{number} listening: {word}", rules=[*rules, *common])


@task("disconnections.2")
async def runs_two_halves(context: CheckContext) -> None:
    """Every text reaches every connected client, and counts no queue of a client that has left.

    Clients leave by closing with 1000 and by a TCP reset; none leaves a traceback.
    """
    ended = Rule(is_closed, "ended-at-once")
    a = await context.connect("A")
    await expect_published(context, a, a, rules=(Rule(is_nothing, "one-half"), ended))
    b = await context.connect("B")
    await expect_published(context, b, b, a, rules=(Rule(is_nothing, "one-client"), ended))
    await expect_published(context, a, a, b, rules=(ended,))
    # A queue that was left behind disappears at the next text, which cannot be sent: so there is one attempt only.
    # The handshake of the next client takes the server long enough to notice who left.
    await b.close()
    await context.expect_no_traceback("not-caught")
    c = await context.connect("C")
    await expect_published(context, c, c, a)
    await c.abort()
    await context.expect_no_traceback("not-caught")
    d = await context.connect("D")
    await expect_published(context, d, a, d)
    await a.close()
    await context.expect_no_traceback("not-caught")
