"""Tasks 8 and 9: texts that are commands, and messages that fit no rule of the protocol."""

from __future__ import annotations

import json

from ...context import CheckContext
from ...registry import task
from ...rules import Rule, is_closed, is_nothing
from .chat_client import (
    ChatClient,
    connect,
    connect_and_join,
    connect_members,
    expect_said,
    has_type,
    is_error,
    is_said,
    random_name,
    said_id_above,
    said_id_in,
)

# Task 8: commands

is_did = has_type("did")


@task("capstone.8")
async def obeys_commands(context: CheckContext) -> None:
    """`/who` is answered with the sorted names of the room, to its sender alone.

    `/me` and what follows it reaches all members as `did`, with an id, and is remembered for a newcomer.
    Another command is answered with the error `unknown-command`, to its sender alone, and takes no id.
    """
    room = random_name(context)
    members = await connect_members(context, room, *"ABC")
    a, b, c = members
    elsewhere = await connect_and_join(context, "Elsewhere", room + "s")
    await expect_who(a, sorted(member.name for member in members), elsewhere.name)
    text = context.text()
    await a.say(f"/me {text}")
    for member in members:
        await member.expect(
            type="did",
            id=1,
            name=a.name,
            text=text,
            rules=[
                Rule(has_type("who"), "who-to-all"),
                Rule(is_said, "me-said"),
                Rule(lambda got: is_did(got) and "/me" in str(got.json_object.get("text")), "me-slash"),
                Rule(lambda got: is_did(got) and got.json_object.get("id") != 1, "me-id"),
                Rule(is_nothing, "no-did"),
            ],
        )
    for command in (f"/{context.word()} {context.word()}", "/whoever", f"/menace {text}", "/", "/Who"):
        await b.say(command)
        await b.expect(
            type="error",
            code="unknown-command",
            rules=[
                Rule(has_type("who", "did"), "almost-a-command"),
                Rule(is_said, "unknown-said"),
                Rule(is_nothing, "unknown-silent"),
                Rule(is_closed, "unknown-closed"),
                Rule(is_error, "wrong-code"),
            ],
        )
    await expect_said(b, members, 2, [Rule(is_error, "error-to-all")], f"{text} /who")
    d = await connect_and_join(context, "D", room)
    forgotten = [Rule(said_id_in(2, 2), "did-forgotten"), Rule(is_nothing, "did-forgotten")]
    await d.expect(type="did", id=1, text=text, rules=forgotten)


async def expect_who(client: ChatClient, names: list[str], outsider: str) -> None:
    """Say `/who`, and expect `who` with these names; `outsider` is a member of another room."""
    await client.say("/who")
    await client.expect(
        type="who",
        names=names,
        rules=[
            Rule(is_said, "who-said"),
            Rule(is_nothing, "no-who"),
            Rule(lambda got: outsider in (got.json_object.get("names") or []), "who-everywhere"),
            Rule(lambda got: sorted(got.json_object.get("names") or []) == names, "not-sorted"),
        ],
    )


# Task 9: nonsense


async def expect_error(client: ChatClient, code: str, text: str, accepted: str = "accepted") -> None:
    """Send a text, and expect an error with that code; `accepted` is the diagnosis for a `said` or a `welcome`."""
    await client.client.send(text)
    await client.expect(
        type="error",
        code=code,
        rules=[
            Rule(is_nothing, "no-answer"),
            Rule(is_closed, "kicked"),
            Rule(is_error, "wrong-code"),
            Rule(has_type("said", "welcome"), accepted),
        ],
    )


@task("capstone.9")
async def answers_nonsense(context: CheckContext) -> None:
    """Whatever text comes in, the connection stays, and the sender alone gets an error; none of them takes an id.

    `invalid`: no JSON, an array, an unknown type, no text, a text that is a number, a name of 0 or of 21 characters.
    `not-joined`: a `say` before a `join`. `already-joined`: a second `join`.
    """
    room = random_name(context)
    a, b = await connect_members(context, room, "A", "B")
    not_joined = await connect(context, "Stranger")
    await expect_error(not_joined, "not-joined", json.dumps({"type": "say", "text": context.word()}))
    for name in ("", "x" * 21):
        await expect_error(not_joined, "invalid", json.dumps({"type": "join", "room": room, "name": name}), "bad-name")
        await expect_error(not_joined, "invalid", json.dumps({"type": "join", "room": name, "name": room}), "bad-name")
    nonsense = [
        (context.word(), "invalid"),
        ("[]", "invalid"),
        (json.dumps({"type": context.word()}), "invalid"),
        (json.dumps({"type": "say"}), "invalid"),
        (json.dumps({"type": "say", "text": context.number()}), "invalid"),
        (json.dumps({"type": "join", "room": room, "name": random_name(context)}), "already-joined"),
    ]
    for text, code in nonsense:
        await expect_error(a, code, text)
    more = [
        "",
        "null",
        "17",
        '"say"',
        '{"type": ["say"]}',
        '{"type": "say", "text": null}',
        '{"type": "say", "text": ["x"]}',
    ]
    for text in context.random.sample(more, len(more)):
        await expect_error(b, "invalid", text)
    await expect_said(a, [a, b], 1, [Rule(is_error, "told-all"), Rule(said_id_above(1), "number-lost")])
    await not_joined.join(room, f"{context.word()}{'y' * 20}"[:20])
    await not_joined.expect(type="welcome", rules=[Rule(is_closed, "kicked")])
