"""Tasks 1 and 2: HTTP routes and WebSocket endpoints in one app."""

from __future__ import annotations

from collections.abc import Sequence

from ...context import CheckContext
from ...expectations import close_cleanly, expect_echo
from ...failures import CheckFailed
from ...received import Received
from ...registry import task
from ...retries import NOTICED, PAUSES, diagnosed, eventually
from ...rules import Rule, has_status, is_accepted, is_closed, is_lost, is_nothing, is_server_error, when
from ...scripted_client import ScriptedClient

# Task 1: a router included twice

KEY = {"key": "1234"}


@task("structure.1")
async def includes_a_router_twice(context: CheckContext) -> None:
    """`/ws` echoes and `GET /about` answers `{"talks": true}`: under `/open` for all, under `/members` with the key.

    Without the key, and with a wrong one, the handshake under `/members` is refused with HTTP 403; so is the GET
    without one. A client that closes leaves no traceback.
    """
    a = await context.connect("A", "/open/ws", rules=[Rule(has_status(403), "open-refused")])
    await expect_echo(context, a)
    b = await context.connect(
        "B", "/members/ws", query=KEY, rules=[Rule(has_status(401, 403, 404, 422), "member-refused")]
    )
    await expect_echo(context, b)
    unguarded = Rule(is_accepted, "socket-unguarded")
    await context.expect_refusal("C", "/members/ws", rules=[unguarded])
    await context.expect_refusal("D", f"/members/ws?key={context.word()}", rules=[unguarded])
    for path, params in (("/open/about", {}), ("/members/about", KEY)):
        got = await context.http("GET", path, rules=[Rule(has_status(404), "no-about")], params=params)
        if got.json != {"talks": True}:
            context.fail("wrong-about", path=path, body=got.body_text)
    await context.http("GET", "/members/about", status=403, rules=[Rule(has_status(200), "about-unguarded")])
    await expect_echo(context, a, Rule(is_closed, "only-once"))
    await close_cleanly(context, a)


# Task 2: from a POST to every socket


async def expect_published(context: CheckContext, readers: Sequence[ScriptedClient], *rules: Rule) -> None:
    """Post a note with a random word, expect it at each of `readers`, and their number in the response."""
    word = context.word()

    def has_more_than_the_word(got: Received) -> bool:
        return got.text is not None and got.text != word and word in got.text

    response = await context.http("POST", "/notes", json={"text": word}, rules=rules)
    for reader in readers:
        await reader.expect(
            word,
            rules=[
                Rule(has_more_than_the_word, "whole-note"),
                Rule(when(len(readers) > 1, is_nothing), "not-all"),
                Rule(is_lost, "returned-early"),
            ],
        )
    number = response.json_object.get("readers")
    if not isinstance(number, int):
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

    Soon after a reader has left by a close with 1000 or by a TCP reset, it is not counted and disturbs no POST.
    A reader that sends a text is served on.
    """
    rules = [
        Rule(has_status(404, 405), "no-post"),
        Rule(has_status(422), "not-the-body"),
        Rule(is_server_error, "crashed"),
    ]
    a = await context.connect("A")
    await expect_published(context, [a], *rules)
    b, c = await context.connect("B"), await context.connect("C")
    await expect_published(context, [a, b, c], *rules)
    await b.close()
    await expect_published_soon(context, [a, c])
    await c.abort()
    await expect_published_soon(context, [a])
    await a.send(context.word())
    await expect_published(context, [a], Rule(is_server_error, "dead-breaks"))
