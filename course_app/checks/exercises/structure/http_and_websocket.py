"""Tasks 1 and 2: HTTP routes and WebSocket endpoints in one app."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...context import CheckContext
from ...expectations import close_cleanly
from ...failures import CheckFailed
from ...received import Received, show
from ...registry import task
from ...retries import NOTICED, PAUSES, diagnosed, eventually
from ...rules import Rule, has_status, is_accepted, is_closed, is_lost, is_nothing, is_response, is_server_error, when
from ...scripted_client import ScriptedClient, json_matches

# Task 1: a router included twice

KEY = {"key": "1234"}


WRONG_KEYS = ("", "?key=", "?key=12345", "?key=01234", "?key=123", "?key=1234%20", "?token=1234")
"""Queries that have no good key: none, another one, and some that are like the right one."""


@task("structure.1")
async def includes_a_router_twice(context: CheckContext) -> None:
    """`/ws` echoes and `GET /about` answers `{"talks": true}`: under `/open` for all, under `/members` with the key.

    Without the key, and with a wrong one, the handshake under `/members` is refused with HTTP 403; so is the GET.
    Each text is sent back to its sender, also where several come at once. A client that closes leaves no traceback.
    """
    a = await context.connect("A", "/open/ws", rules=[Rule(has_status(401, 403, 422), "open-refused")])
    await expect_echoes(context, a)
    b = await context.connect(
        "B", "/members/ws", query=KEY, rules=[Rule(has_status(401, 403, 404, 422), "member-refused")]
    )
    await expect_echoes(context, b)
    wrong = [*WRONG_KEYS, f"?key={context.name()}"]
    context.random.shuffle(wrong)
    for number, query in enumerate(wrong):
        unguarded = Rule(is_accepted, "socket-unguarded")
        await context.expect_refusal(f"C{number}", f"/members/ws{query}", rules=[unguarded])
    for path, params in (("/open/about", {}), ("/members/about", KEY)):
        got = await context.http("GET", path, rules=about_rules(path), params=params)
        if not json_matches(got.json, {"talks": True}, exact=True):
            context.fail("wrong-about", path=path, body=got.body_text)
    for query in wrong:
        rules = [Rule(has_status(200), "about-unguarded"), Rule(is_response, "about-wrong-status")]
        await context.http("GET", f"/members/about{query}", status=403, rules=rules)
    c = await context.connect("C", "/open/ws", rules=[Rule(has_status(401, 403, 422), "open-refused")])
    await asyncio.gather(*(expect_echoes(context, client) for client in (a, b, c)))
    await close_cleanly(context, a)
    await b.abort()
    await c.close()
    await context.expect_endpoints_ended("not-caught")


def about_rules(path: str) -> list[Rule]:
    """Return the rules for what comes instead of the answer of `GET <path>`."""
    refused = "open-refused" if path.startswith("/open") else "member-refused"
    return [Rule(has_status(401, 403, 422), refused), Rule(has_status(404, 405), "no-about")]


async def expect_echoes(context: CheckContext, client: ScriptedClient) -> None:
    """Send a text, and then several at once, and expect each of them back."""
    once = Rule(is_closed, "only-once")
    for texts in ([context.text()], ["", context.text(), " ", context.text()]):
        for text in texts:
            await client.send(text)
        for text in texts:
            await client.expect(text, rules=[once, Rule(when(text != texts[0], is_nothing), "burst")])


# Task 2: from a POST to every socket

SUCCESS = (200, 201, 202)  # what a POST may be answered with


async def expect_published(context: CheckContext, readers: Sequence[ScriptedClient], *rules: Rule) -> None:
    """Post a note, expect its text at each of `readers`, and their number in the response."""
    text = context.text()

    def has_more_than_the_text(got: Received) -> bool:
        return got.text is not None and got.text != text and (got.text.startswith(("{", "text=")) or text in got.text)

    response = await context.http("POST", "/notes", status=SUCCESS, json={"text": text}, rules=rules)
    for reader in readers:
        await reader.expect(
            text,
            rules=[
                Rule(has_more_than_the_text, "whole-note"),
                Rule(when(len(readers) > 1, is_nothing), "not-all"),
                Rule(is_lost, "returned-early"),
            ],
        )
    number = response.json_object.get("readers")
    if not isinstance(number, int) or isinstance(number, bool):
        context.fail("no-number", body=response.body_text)
    if number != len(readers):
        diagnosis = "ghost" if number > len(readers) else "wrong-number"
        context.fail(diagnosis, number=number, present=len(readers))


async def expect_published_soon(context: CheckContext, readers: Sequence[ScriptedClient]) -> None:
    """Expect `expect_published`, at the latest when the answer has had time to notice who left."""
    retry = diagnosed("ghost", "dead-breaks")

    async def attempt() -> None:
        try:
            await expect_published(context, readers, Rule(is_server_error, "dead-breaks"))
        except CheckFailed as failed:
            if retry(failed):
                for reader in readers:
                    while (await reader.receive(NOTICED)).text is not None:
                        pass  # what a POST that failed half-way has sent already
            raise

    await eventually(attempt, PAUSES, retry)


@task("structure.2")
async def publishes_from_a_post(context: CheckContext) -> None:
    """`POST /notes` sends the note's text to every reader, and answers how many there are, as `{"readers": …}`.

    Soon after a reader has left by a close with 1000 or 4000 or by a TCP reset, it is not counted and
    disturbs no POST, whether it came first, last or between. A reader that sends texts is served on. Notes may be
    posted at the same time, and without readers.
    """
    rules = [
        Rule(has_status(404, 405), "no-post"),
        Rule(has_status(422), "not-the-body"),
        Rule(is_server_error, "crashed"),
    ]
    await expect_published(context, [], *rules)
    a = await context.connect("A")
    await expect_published(context, [a], *rules)
    b, c = await context.connect("B"), await context.connect("C")
    await expect_published(context, [a, b, c], *rules)
    await expect_all_published(context, [a, b, c])
    await b.close()
    await expect_published_soon(context, [a, c])
    await c.abort()
    await expect_published_soon(context, [a])
    for text in (context.word(), "", context.text()):
        await a.send(text)
    await expect_published(context, [a], Rule(is_server_error, "dead-breaks"))
    d, e = await context.connect("D"), await context.connect("E")
    await a.close(4000)
    await expect_published_soon(context, [d, e])
    await e.close()
    await expect_published_soon(context, [d])
    await d.close()
    await expect_published_soon(context, [])
    f = await context.connect("F")
    await expect_published(context, [f])


async def expect_all_published(context: CheckContext, readers: Sequence[ScriptedClient]) -> None:
    """Post three notes at the same time, one of them empty, and expect each of them at each of `readers`."""
    texts = ["", context.text(), context.text()]
    await asyncio.gather(*(context.http("POST", "/notes", status=SUCCESS, json={"text": text}) for text in texts))
    for reader in readers:
        left = list(texts)
        for _ in texts:
            got = await reader.receive()
            if got.text not in left:
                diagnosis = "at-once" if got.nothing or got.text in texts else "wrong-frame"
                await context.fail_for(got, diagnosis, who=reader.name, expected=show(left[0]))
            left.remove(got.text)
