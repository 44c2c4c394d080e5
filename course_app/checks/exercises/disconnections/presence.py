"""Tasks 1 and 2: who is connected, and what is left of a connection that has ended."""

from __future__ import annotations

from ...context import CheckContext
from ...failures import CheckFailed
from ...received import Received
from ...registry import task
from ...retries import doubling, eventually
from ...rules import Predicate, Rule, both, is_closed, is_lost, is_nothing, is_text, text_ends_with, text_is, when
from ...scripted_client import ScriptedClient
from .endings import expect_running, leave_with_a_binary_frame

CLOSES = ((4000, "bye"), (1000, ""), (1001, ""))  # how clients leave politely
SILENT = 0.03  # seconds in which a reply that is not due would have come

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
        await client.send(context.text())
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


async def expect_counts_at_once(context: CheckContext, client: ScriptedClient, number: int) -> None:
    """Send several texts without waiting, an empty one among them, and expect `number` for each."""
    texts = [context.text(), "", *(context.text() for _ in range(context.number(25, 30)))]
    for text in texts:
        await client.send(text)
    rules = [
        Rule(is_closed, "only-once"),
        Rule(is_nothing, "skips-a-text"),
        Rule(is_less_than(number), "old-number"),
        Rule(is_more_than(number), "too-many"),
    ]
    for _ in texts:
        await client.expect(str(number), rules=rules)


async def expect_silence(*clients: ScriptedClient) -> None:
    """Expect that nothing has come to these clients that they did not ask for."""
    for client in clients:
        await client.expect_nothing(SILENT, rules=[Rule(is_text, "not-asked"), Rule(is_closed, "closed-all")])


async def leave_one_by_one(context: CheckContext, clients: list[ScriptedClient]) -> None:
    """Let all clients but the first leave, each in its own way, and expect that the first gets the right number."""
    first, *others = clients
    for number, client in enumerate(others):
        left = len(clients) - 1 - number
        if number % 2:
            await client.abort()
        else:
            await client.close(*CLOSES[number // 2])
        await expect_count(context, first, left, "ghost-abort" if number % 2 else "ghost-leave")
        await context.expect_no_traceback("not-caught")
        await expect_running(context, left)


@task("disconnections.1")
async def counts_who_is_connected(context: CheckContext) -> None:
    """Each text is answered with the number of connected clients, and nobody else is.

    It goes from one to four, five or six, and one down each time a client leaves: with a close frame, by a TCP reset,
    and by a binary frame, empty or not, after which the client cuts the connection where the answer does not.
    A new client is counted again. The first two ends leave no traceback, and no endpoint runs on after any.
    """
    a = await context.connect("A")
    await a.send(context.text())
    rules = [Rule(is_less_than(1), "from-zero"), Rule(is_more_than(1), "ghosts"), Rule(is_lost, "lost-at-once")]
    await a.expect("1", rules=rules)
    count = context.number(4, 6)
    clients = [a, *[await context.connect(name) for name in "BCDEF"[: count - 1]]]
    b = clients[1]
    await b.send(context.text())
    await b.expect(str(count), rules=[Rule(text_is("1"), "always-one"), Rule(is_less_than(count), "old-number")])
    await expect_counts_at_once(context, a, count)
    await expect_silence(*clients[:3])
    await leave_one_by_one(context, clients)
    for name, data in (("G", context.blob()), ("H", b"")):
        client = await context.connect(name)
        await expect_count(context, client, 2, "ghost-binary")
        await leave_with_a_binary_frame(client, data)
        await expect_count(context, a, 1, "ghost-binary")
    silent = await context.connect("I")
    await expect_count(context, a, 2, "ghost-binary")
    await silent.close()
    await expect_count(context, a, 1, "ghost-leave")
    await a.close()
    await expect_running(context, 0)


# Task 2: two halves, one end


def listening(got: Received) -> int:
    """Return the number that a text such as `2 listening: hi` begins with, else 0."""
    first = (got.text or "").split(" ", 1)[0]
    return int(first) if first.isdigit() else 0


async def expect_published(
    context: CheckContext,
    sender: ScriptedClient,
    *listeners: ScriptedClient,
    left: str = "left-behind",
    rules: tuple[Rule, ...] = (),
) -> None:
    """Send random texts, and expect each at all `listeners`, in order and with their number.

    `left` is the diagnosis of a higher number.
    """
    texts, number = [context.text() for _ in range(context.number(1, 3))], len(listeners)
    for text in texts:
        await sender.send(text)
    for listener in listeners:
        for text in texts:
            common = [
                Rule(text_is(text), "own-half"),
                Rule(both(text_ends_with(text), lambda got: listening(got) > number), left),
                Rule(both(text_ends_with(text), lambda got: 0 < listening(got) < number), "fewer"),
                Rule(when(listener is not sender, is_closed), "closed-all"),
            ]
            await listener.expect(f"{number} listening: {text}", rules=[*rules, *common])


@task("disconnections.2")
async def runs_two_halves(context: CheckContext) -> None:
    """Every text reaches every connected client, and counts no queue of a client that has left.

    Clients leave by closing, by a TCP reset, and by a binary frame, on which `incoming` raises.
    The first two leave no traceback. Each time the endpoint of the client that left ends.
    """
    ended = Rule(is_closed, "ended-at-once")
    a = await context.connect("A")
    await expect_published(context, a, a, rules=(Rule(is_nothing, "one-half"), ended))
    b = await context.connect("B")
    await expect_published(context, b, b, a, rules=(Rule(is_nothing, "one-client"), ended))
    await expect_published(context, a, a, b, rules=(ended,))
    # A queue that was left behind disappears at the next text, which cannot be sent: so there is one attempt only.
    # The handshake of the next client takes the server long enough to notice who left.
    await b.close(*context.random.choice(CLOSES))
    await context.expect_no_traceback("not-caught")
    c = await context.connect("C")
    await expect_published(context, c, c, a)
    await c.abort()
    await context.expect_no_traceback("not-caught")
    d = await context.connect("D")
    await expect_published(context, d, a, d)
    quiet = await context.connect("Quiet")
    await quiet.close()
    await context.expect_no_traceback("not-caught")
    await expect_running(context, 2)
    await d.close()
    await expect_running(context, 1)
    await leave_by_raising(context, a)


async def leave_by_raising(context: CheckContext, stays: ScriptedClient) -> None:
    """Let a client send a binary frame, on which `incoming` raises, and expect that its other half has ended too."""
    for data in (context.blob(), b""):
        client = await context.connect("E")
        await expect_published(context, client, client, stays)
        await leave_with_a_binary_frame(client, data)
        late = await context.connect("F")
        await expect_published(context, late, late, stays, left="left-by-raising")
        await late.close()
        await expect_running(context, 1)
    await stays.close()
    await expect_running(context, 0)
