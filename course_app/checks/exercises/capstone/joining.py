"""Tasks 1 and 2: joining a room under a name."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ...context import CheckContext
from ...registry import task
from ...retries import NOTICED
from ...rules import Rule, is_closed, is_nothing
from .chat_client import (
    WELCOME_RULES,
    ChatClient,
    connect,
    connect_and_join,
    is_error,
    is_welcome,
    members_present,
    random_name,
)


def welcome_rules(own: str, names: list[str]) -> list[Rule]:
    """Return the rules for what comes instead of the first welcome of `own`, when `names` are present, sorted."""
    return [
        Rule(is_nothing, "no-answer"),
        *WELCOME_RULES,
        Rule(lambda got: own not in members_present(got), "not-itself"),
        Rule(lambda got: len(members_present(got)) < len(names), "not-present"),
        Rule(lambda got: members_present(got) != names and set(members_present(got)) == set(names), "not-sorted"),
        Rule(lambda got: got.json_object.get("last") != 0, "no-last"),
    ]


@task("capstone.1")
async def welcomes(context: CheckContext) -> None:
    """Each of three clients that join a new room gets a `welcome` first.

    It has the room, the client's name, everybody who is present, sorted and with the newcomer, and `last` 0.
    """
    room = random_name(context)
    names: list[str] = []
    for lane in "ABC":
        client = await connect(context, lane)
        await client.join(room)
        names = sorted([*names, client.name])
        await client.expect(
            type="welcome", room=room, name=client.name, present=names, last=0, rules=welcome_rules(client.name, names)
        )


@task("capstone.2")
async def keeps_names_unique(context: CheckContext) -> None:
    """A taken name is answered with the error `name-taken`; its sender stays connected, and joins under another name.

    The first member keeps its place. The same name is free in another room, and free again soon after its owner has
    closed with any code, after a TCP reset and a binary frame; it is not after a client has left that was refused it.
    """
    room, other_room = random_name(context), random_name(context)
    first = await connect_and_join(context, "A", room)
    second = await connect(context, "B")
    await second.join(room, first.name)
    await second.expect(
        type="error",
        code="name-taken",
        rules=[
            Rule(is_welcome, "not-unique"),
            Rule(is_nothing, "no-error"),
            Rule(is_closed, "kicked"),
            Rule(is_error, "wrong-code"),
        ],
    )
    await second.join(room, random_name(context))
    await second.expect(
        type="welcome",
        present=sorted([first.name, second.name]),
        rules=[
            Rule(is_closed, "kicked"),
            Rule(is_error, "one-try"),
            Rule(lambda got: is_welcome(got) and first.name not in members_present(got), "first-lost"),
        ],
    )
    elsewhere = await connect(context, "C")
    await elsewhere.join(other_room, first.name)
    await elsewhere.expect(type="welcome", rules=[Rule(is_error, "everywhere")])
    refused = await connect(context, "D")
    await refused.join(room, first.name)
    await refused.client.close()
    await asyncio.sleep(NOTICED)
    another = await connect(context, "E")
    await another.join(room, first.name)
    await another.expect(type="error", code="name-taken", rules=[Rule(is_welcome, "freed-by-another")])
    await first.client.close(context.random.choice([1000, 1001, 4000]))
    again = await rejoin(context, room, first.name)
    await again.client.abort()
    again = await rejoin(context, room, first.name)
    await again.client.send(context.blob())
    await asyncio.sleep(NOTICED)
    await again.client.abort_if_open()
    await rejoin(context, room, first.name)


async def rejoin(context: CheckContext, room: str, name: str, **fields: Any) -> ChatClient:
    """Join under a name whose owner has just left, and return the new member: a server gets a moment to notice.

    `fields` are further ones of the `join`. Raises CheckFailed with `never-free`.
    """
    client = await connect(context, "A again")
    deadline = time.monotonic() + context.patience / 2
    while time.monotonic() < deadline:
        await asyncio.sleep(NOTICED)
        await client.join(room, name, **fields)
        got = await client.next_but_notices()
        if is_welcome(got):
            return client
        if not is_error(got):
            break
        await asyncio.sleep(4 * NOTICED)
    context.fail("never-free", who="A again")
