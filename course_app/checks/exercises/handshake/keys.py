"""Tasks 3 and 5: a key in a header, and a key among the subprotocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....errors import CourseError
from ...context import CheckContext
from ...expectations import expect_refusal_before_accept
from ...received import Received
from ...registry import task
from ...rules import (
    Predicate,
    Rule,
    has_status,
    is_accepted,
    is_closed_properly,
    is_lost,
    is_message,
    is_refusal,
    is_server_error,
    is_text,
)
from .steps import shuffled

# Task 3: two refusals

HOLDERS = {"red-1": ("Ada", 1), "blue-2": ("Bob", 2), "green-2": ("Cem", 2)}


def reason_is(*reasons: str) -> Predicate:
    """Return a predicate for a close with one of these reasons."""
    return lambda got: got.closed and got.reason in reasons


def reason_contains(part: str) -> Predicate:
    """Return a predicate for a close whose reason contains `part`."""
    return lambda got: got.closed and part in got.reason


async def expect_welcome(context: CheckContext, client_name: str, key: str) -> None:
    """Connect with this key to its own room, and expect the close that welcomes its holder."""
    name, room = HOLDERS[key]
    rules = [Rule(is_refusal, "refused-holder"), Rule(is_server_error, "crashed-holder")]
    client = await context.connect(client_name, f"/rooms/{room}", headers={"X-Key": key}, rules=rules)
    await client.expect_close(
        1000,
        f"welcome, {name}",
        rules=[
            Rule(reason_is("welcome, None"), "no-return"),
            Rule(reason_contains("("), "whole-entry"),
            Rule(reason_contains(key), "returns-key"),
            Rule(reason_contains("welcome, "), "wrong-name"),
        ],
    )


def judge_detail(context: CheckContext, who: str, got: Received, detail: str) -> None:
    """Fail unless the body of the refusal is JSON that has this text under `detail`."""
    if got.json_object.get("detail") == detail:
        return
    fields = {"who": who, "status": got.status, "expected": detail, "body": got.body_text}
    context.fail("no-body" if not got.body else "wrong-detail", **fields)


async def expect_detailed_refusal(
    context: CheckContext, who: str, path: str, status: int, detail: str, rules: Sequence[Rule], **options: Any
) -> None:
    """Expect HTTP `status` with JSON that has `detail`."""
    got = await context.expect_refusal(who, path, status=status, rules=rules, **options)
    judge_detail(context, who, got, detail)


@task("handshake.3")
async def refuses_in_two_ways(context: CheckContext) -> None:
    """Each key comes into its own room, and the endpoint gets its holder's name.

    HTTP 401 `unknown key`: no key, an empty key, a random one, one that begins or ends like a known one, one in
    capitals, a holder's name, a key in the query or in a cookie only; in the key's own room and in others.
    HTTP 403 `wrong room`: a known key with the room of another, or with a room that no key has.
    """
    key = context.random.choice(sorted(HOLDERS))
    name, own_room = HOLDERS[key]
    near = [f"{key}0", f"x{key}", key.upper(), key[:-1], f"{key}{context.word()}", name, context.name()]
    unknown: list[tuple[str, dict[str, str]]] = [
        (f"/rooms/{own_room}", {}),
        (f"/rooms/{own_room}", {"X-Key": ""}),
        (f"/rooms/{context.number()}", {}),
        (f"/rooms/{context.number()}", {"X-Key": context.name()}),
        (f"/rooms/{own_room}?x_key={key}&X-Key={key}&key={key}", {}),
        (f"/rooms/{own_room}", {"Cookie": f"x_key={key}; X-Key={key}; key={key}"}),
        *((f"/rooms/{own_room}", {"X-Key": one}) for one in near),
    ]
    knows_no_key = [
        Rule(is_accepted, "unknown-let-in"),
        Rule(is_server_error, "key-error"),
        Rule(lambda got: got.status == 403 and bool(got.body), "unknown-403"),
        Rule(has_status(403), "empty-403"),
    ]
    wrong_room = [
        Rule(is_accepted, "wrong-room-let-in"),
        Rule(is_server_error, "crashed-holder"),
        Rule(has_status(401), "wrong-room-401"),
    ]
    for client, one in zip("ABC", shuffled(context, HOLDERS), strict=True):
        await expect_welcome(context, client, one)
    rooms = (1, 2, 3, 0, context.number())
    visits = [(one, room) for one, (_, own) in HOLDERS.items() for room in rooms if room != own]
    steps = [("D", 401, "unknown key", knows_no_key, path, headers) for path, headers in unknown]
    steps += [("E", 403, "wrong room", wrong_room, f"/rooms/{room}", {"X-Key": one}) for one, room in visits]
    for client, status, detail, rules, path, headers in shuffled(context, steps):
        await expect_detailed_refusal(context, client, path, status, detail, rules, headers=headers)
        if context.random.random() < 0.3:
            await expect_welcome(context, "F", context.random.choice(sorted(HOLDERS)))


# Task 5: a key among the subprotocols

NAMES = {"abc123": "Ada", "def456": "Bob"}


async def expect_hello(context: CheckContext, client_name: str, offered: list[str], name: str) -> None:
    """Offer these subprotocols; expect `chat` to be chosen, a greeting, and a close with 1000."""
    rules = [Rule(is_refusal, "refused-holder"), Rule(is_server_error, "crashed")]
    try:
        client = await context.connect(client_name, "/ws", subprotocols=offered, rules=rules)
    except CourseError as error:
        context.fail("not-offered", who=client_name, offered=", ".join(offered), error=error)
    chosen = client.connection.subprotocol
    if chosen != "chat":
        context.fail("key-shown" if chosen else "none-chosen", who=client_name, chosen=chosen)
    other = [Rule(lambda got: got.text in [f"hello {one}" for one in NAMES.values()], "other-name")]
    other += [Rule(is_closed_properly, "no-text"), Rule(is_text, "wrong-text")]
    await client.expect(f"hello {name}", rules=other)
    await client.expect_close(1000, rules=[Rule(is_lost, "not-closed"), Rule(is_message, "more-than-one")])


async def expect_stranger_refused(context: CheckContext, offered: list[str], diagnosis: str) -> None:
    """Offer these subprotocols, and expect HTTP 401; `diagnosis` names an answer that lets the client in."""
    rules = [Rule(has_status(403), "still-403"), Rule(is_server_error, "crashed-stranger")]
    try:
        await expect_refusal_before_accept(
            context, "D", "/ws", diagnosis, status=401, rules=rules, subprotocols=offered
        )
    except CourseError as error:
        context.fail("not-offered", who="D", offered=", ".join(offered), error=error)


@task("handshake.5")
async def finds_a_key_among_subprotocols(context: CheckContext) -> None:
    """A client that offers `chat` and a known key, in any order and with others, is greeted by name with `chat`.

    HTTP 401 before accept: nothing offered, no key, an unknown key, one that merely begins or ends like a known one,
    a key without `key.`, a known key without `chat`.
    """
    key, other = shuffled(context, NAMES)
    extra = context.word()
    good = [["chat", f"key.{key}"], [f"key.{other}", "chat"]]
    good += [[extra, f"key.{key}", "chat"], [extra, "chat", context.name(), f"key.{other}"]]
    for number, offered in enumerate(shuffled(context, good)):
        await expect_hello(context, "ABCF"[number], offered, NAMES[key if f"key.{key}" in offered else other])
    without_chat = [[f"key.{key}"], [f"key.{other}", extra], [f"chat{extra}", f"key.{key}"]]
    without_chat += [["CHAT", f"key.{other}"], ["chat.v2", f"key.{key}"]]
    unknown = [extra, f"{key}0", other[:-1], key.upper(), NAMES[key]]
    no_prefix = [key, f"{extra}.{other}", f"xkey.{key}"]
    bad: list[tuple[str, list[str]]] = [
        ("let-in", []),
        ("no-key-let-in", ["chat"]),
        *(("no-chat-let-in", offered) for offered in shuffled(context, without_chat)),
        *(("unknown-let-in", ["chat", f"key.{one}"]) for one in shuffled(context, unknown)),
        *(("no-prefix-let-in", ["chat", one]) for one in shuffled(context, no_prefix)),
    ]
    for diagnosis, offered in bad:
        await expect_stranger_refused(context, offered, diagnosis)
        if context.random.random() < 0.3:
            await expect_hello(context, "E", ["chat", f"key.{other}"], NAMES[other])
