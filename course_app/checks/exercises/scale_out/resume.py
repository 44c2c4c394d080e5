"""Task 3: come back, and miss nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...context import CheckContext
from ...received import Received
from ...registry import task
from ...rules import Predicate, Rule, field_in, is_closed, is_double_encoded, is_nothing, text_is
from ...scripted_client import ScriptedClient
from .practice_workers import ONE_PROCESS, ONLY_ONCE, SUBSCRIBED, Workers, leave, start_workers

MISSED = 12  # messages that a client misses


def message_id(got: Received) -> str:
    """Return the value of `id`, empty where there is none or it is no string."""
    value = got.json_object.get("id")
    return value if isinstance(value, str) else ""


def has_text(*texts: str) -> Predicate:
    """Return a predicate for a JSON message with one of these texts under `text`."""
    return field_in("text", texts)


async def expect_message(client: ScriptedClient, text: str, *rules: Rule) -> str:
    """Expect a JSON message with that text and an id, and return the id."""
    got = await client.expect_where(
        lambda got: has_text(text)(got) and message_id(got) != "",
        f"JSON with an id and the text {text!r}",
        rules=[
            *rules,
            Rule(text_is(text), "bare-text"),
            Rule(is_double_encoded, "json-twice"),
            Rule(has_text(text), "no-id"),
        ],
    )
    return message_id(got)


async def expect_missed(client: ScriptedClient, texts: Sequence[str], first: int) -> None:
    """Expect the texts from number `first` on, in order; `texts` are all that were said so far."""
    for number in range(first, len(texts)):
        await expect_message(
            client,
            texts[number],
            Rule(has_text(*texts[: first - 1]), "from-the-start"),
            Rule(has_text(texts[first - 1]), "last-again"),
            Rule(has_text(*texts[number + 1 :]), "lost-some"),
            Rule(is_nothing, "not-resumed" if number == first else "lost-some"),
            ONLY_ONCE,
        )


async def say(sender: ScriptedClient, texts: list[str], text: str, *rules: Rule) -> str:
    """Send a text, note it in `texts`, expect it at the sender, and return its id."""
    await sender.send(text)
    texts.append(text)
    return await expect_message(sender, text, *rules, ONLY_ONCE)


@task("scale_out.3")
async def resumes_from_the_last_id(context: CheckContext) -> None:
    """Messages are JSON with `id` and `text`; `?last_id=` brings what came after that id, once and in order.

    A message has one id for all. A client whose TCP connection was reset resumes on either worker, from the newest id
    that it had and from the oldest, also while others go on talking, and then gets what is new.
    A client without `last_id` gets new messages only, and so does everybody of another broker.
    """
    texts: list[str] = []
    workers = await start_workers(context)
    a = await context.connect("A", server=workers.one)
    b = await context.connect("B", server=workers.two)
    await asyncio.sleep(SUBSCRIBED)
    ids = []
    for _ in range(3):
        ids.append(await say(a, texts, context.text(), Rule(is_nothing, "deaf")))
        other = await expect_message(b, texts[-1], ONE_PROCESS, ONLY_ONCE)
        if other != ids[-1]:
            context.fail("two-ids", text=texts[-1], one=ids[-1], other=other)
    await b.abort()
    await context.expect_no_traceback("not-caught")
    await say(a, texts, "", Rule(is_nothing, "closed-on-empty"), Rule(is_closed, "closed-on-empty"))
    for _ in range(MISSED):
        await say(a, texts, context.text())
    texts.append(texts[-1])
    await a.send(texts[-1])
    await expect_message(a, texts[-1], Rule(is_nothing, "lost-some"))
    back = await context.connect("B again", "/ws", query={"last_id": ids[-1]}, server=workers.one)
    await expect_missed(back, texts, 3)
    old = await context.connect("B on two", "/ws", query={"last_id": ids[0]}, server=workers.two)
    await expect_missed(old, texts, 1)
    await say(a, texts, context.text())
    for client in (back, old):
        await expect_message(client, texts[-1], Rule(has_text(*texts[:-1]), "twice"), Rule(is_nothing, "not-live"))
    await expect_newcomers(context, workers, a, texts)
    for client in (back, old):
        for text in texts[-2:]:
            await expect_message(client, text, Rule(has_text(*texts[:-2]), "twice"), Rule(is_nothing, "not-live"))
    joining = asyncio.create_task(context.connect("C", "/ws", query={"last_id": ids[1]}, server=workers.two))
    news = [context.text() for _ in range(4)]
    await asyncio.gather(*(a.send(text) for text in news))
    late = await joining
    texts += news
    await expect_missed(late, texts, 2)
    await leave(context, *context.clients)


async def expect_newcomers(context: CheckContext, workers: Workers, a: ScriptedClient, texts: list[str]) -> None:
    """Connect a client without `last_id`, and one of another broker, and expect that they get nothing old."""
    new = await context.connect("New", server=workers.two)
    elsewhere = await context.connect("Elsewhere", server=workers.elsewhere)
    await asyncio.sleep(SUBSCRIBED)
    await say(a, texts, context.text())
    await expect_message(new, texts[-1], Rule(has_text(*texts[:-1]), "old-to-newcomer"), ONE_PROCESS)
    own: list[str] = []
    await say(elsewhere, own, context.text(), Rule(has_text(*texts), "other-broker"))
    await say(a, texts, context.text(), Rule(has_text(*own), "other-broker"))
    await expect_message(new, texts[-1], Rule(has_text(*own), "other-broker"))
