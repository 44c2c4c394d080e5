"""Checks of exercise 03: the echo socket."""

from __future__ import annotations

from ..context import CheckContext, Rule, ScriptedClient
from ..received import Received
from ..registry import task


def echoes(word: str, *more: Rule) -> list[Rule]:
    """Return the rules for what learners send instead of `Message text was: <word>`."""
    return [
        *more,
        (lambda got: got.text == word, "no-prefix"),
        (lambda got: got.text is not None and got.text.lower().strip() == f"message text was: {word}", "almost"),
        (lambda got: got.text is not None and "{" in got.text, "no-f-string"),
        (lambda got: got.text is not None and word in got.text, "other-words"),
        (lambda got: got.text is not None, "constant"),
    ]


async def exchange(actor: ScriptedClient, word: str, *more: Rule) -> None:
    await actor.send(word)
    await actor.receives(f"Message text was: {word}", rules=echoes(word, *more))


def lost(got: Received) -> bool:
    return got.lost


@task("echo.1")
async def answers_one_message(context: CheckContext) -> None:
    a = await context.client("A", rules=[(lambda got: got.status == 500, "no-accept")])
    await exchange(a, context.word(), (lambda got: got.lost, "returned-early"))
    b = await context.client("B")
    await exchange(b, context.word())


@task("echo.2")
async def answers_every_message(context: CheckContext) -> None:
    a = await context.client("A")
    await exchange(a, context.word())
    for _ in range(2):
        await exchange(
            a,
            context.word(),
            (lambda got: got.lost or got.closed, "only-once"),
            (lambda got: got.nothing, "stopped-answering"),
        )
    b = await context.client("B")
    await exchange(b, context.word(), (lambda got: got.nothing, "one-client"))
    await exchange(a, context.word())


@task("echo.3")
async def lets_a_client_leave(context: CheckContext) -> None:
    a = await context.client("A")
    await exchange(a, context.word())
    await exchange(a, context.word(), (lambda got: got.lost or got.closed, "only-once"))
    await a.leaves()
    await context.all_left("not-caught")
    b = await context.client("B")
    await exchange(b, context.word())
    await b.aborts()
    await context.all_left("not-caught")
    c = await context.client("C")
    await exchange(c, context.word(), (lambda got: not got.text, "one-client"))


@task("echo.4")
async def refuses_binary(context: CheckContext) -> None:
    a = await context.client("A")
    b = await context.client("B")
    await exchange(a, context.word())
    await exchange(b, context.word())
    blob = context.blob()
    await a.send(blob)
    await a.closed(
        1003,
        rules=[
            (lost, "lost-on-binary"),
            (lambda got: got.code == 1000, "closed-1000"),
            (lambda got: got.data == blob, "echoed-binary"),
            (lambda got: got.nothing, "ignored-binary"),
            (lambda got: got.text is not None, "answered-binary"),
        ],
    )
    await exchange(b, context.word(), (lambda got: got.closed, "closed-the-other"))
    await exchange(b, "", (lambda got: got.code == 1003, "refused-empty"), (lambda got: got.nothing, "ignored-empty"))
    await b.leaves()
    await context.all_left("not-caught")


def miscounts(word: str, number: int, shared: bool) -> list[Rule]:
    return [
        (lambda got: got.text == f"0: {word}", "from-zero"),
        (lambda got: got.text == word, "no-number"),
        (lambda got: shared and got.text is not None, "shared-count"),
        (lambda got: number > 1 and got.text is not None and got.text.startswith("1:"), "stuck-at-one"),
    ]


@task("echo.5")
async def counts(context: CheckContext) -> None:
    a, b = await context.client("A"), await context.client("B")
    for actor, number in ((a, 1), (a, 2), (b, 1), (a, 3), (b, 2)):
        word = context.word()
        await actor.send(word)
        await actor.receives(f"{number}: {word}", rules=miscounts(word, number, actor is b))
