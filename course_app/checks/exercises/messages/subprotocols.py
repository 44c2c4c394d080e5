"""The check of `messages.5`: choose a subprotocol."""

from __future__ import annotations

from ....errors import CourseError
from ...context import CheckContext
from ...crashes import crashes_named
from ...registry import task
from ...rules import Rule, has_code, is_closed, is_lost, is_message, is_nothing, is_text, text_is
from ...scripted_client import ScriptedClient

NEW, OLD = "game.v2", "game.v1"


def due_choice(offered: list[str]) -> str | None:
    """Return the name that the server has to choose from these, None where it knows none of them."""
    return next((name for name in (NEW, OLD) if name in offered), None)


async def expect_choice(context: CheckContext, name: str, offered: list[str]) -> None:
    """Offer these subprotocols, and expect the right one in the handshake and as a text, then a close with 1000."""
    chosen = due_choice(offered)
    shown = ", ".join(offered) or "nothing"
    try:
        client = await context.connect(name, subprotocols=offered)
    except CourseError as error:  # the client gives up: websockets' NegotiationError
        context.fail("not-offered", who=name, offered=shown, error=error)
    got = client.connection.subprotocol
    if got != chosen:
        unknown = "not-spoken" if got not in (NEW, OLD) else "other-choice"
        diagnosis = "none-chosen" if got is None else "clients-order" if chosen and got == OLD else unknown
        context.fail(diagnosis, who=name, offered=shown, got=got, expected=chosen or "none of them")
    await expect_name(client, chosen or "none")


async def expect_name(client: ScriptedClient, name: str) -> None:
    """Expect that name as a text, then a close with 1000, and nothing else."""
    await client.expect(
        name,
        rules=[
            Rule(text_is(f'"{name}"'), "json-quotes"),
            Rule(is_text, "other-name"),
            Rule(is_nothing, "no-name"),
            Rule(has_code(1000), "closed-without-name"),
        ],
    )
    await client.expect_close(
        1000,
        rules=[
            Rule(is_message, "sent-more"),
            Rule(is_nothing, "never-closes"),
            Rule(is_lost, "returned-without-closing"),
            Rule(is_closed, "other-code"),
        ],
    )


def offers(context: CheckContext) -> list[list[str]]:
    """Return what clients offer, in random order: known names, unknown ones and such that look like a known one."""
    unknown = f"game.{context.word()}"
    alike = context.random.sample(
        [
            "game.v20",
            "game.v12",
            "game.v",
            "game.v2.1",
            "GAME.V2",
            "Game.v1",
            "mygame.v2",
            "game.v3",
            "game.v0",
            "none",
        ],
        4,
    )
    lists = [
        [NEW],
        [OLD],
        [NEW, OLD],
        [OLD, NEW],
        [OLD, unknown, NEW],
        [unknown, OLD],
        [OLD, unknown],
        ["game.v3", NEW, OLD],
        ["game.v3", OLD, "game.v0"],
        [*alike, NEW],
        [*alike, OLD],
        alike,
        ["game.v20"],
        ["game.v10", "mygame.v1"],
        ["GAME.V2", "Game.v1"],
        [unknown],
        [],
    ]
    context.random.shuffle(lists)
    return lists


@task("messages.5")
async def chooses_a_subprotocol(context: CheckContext) -> None:
    """`game.v2` is chosen before `game.v1`, whatever the client's order, and nothing where it offers neither.

    The choice stands in the handshake (RFC 6455 section 4.2.2) and comes as a text, `none` for no choice.
    Then the server closes with 1000. Names that only look alike are other names.
    """
    async with crashes_named(context):
        await expect_choice(context, "A", [NEW])
        await expect_choice(context, "B", ["game.old", OLD])
        await expect_choice(context, "C", [OLD, "game.old", NEW])
        await expect_choice(context, "D", ["game.old"])
        await expect_choice(context, "E", [])
        for offered in offers(context):
            await expect_choice(context, "F", offered)
