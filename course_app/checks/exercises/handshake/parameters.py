"""Tasks 1 and 2: path, query, cookie and header of a handshake."""

from __future__ import annotations

import asyncio
from typing import Any

from ...context import CheckContext
from ...expectations import expect_refusal_before_accept
from ...failures import CheckFailed
from ...registry import task
from ...rules import Rule, is_lost, is_refusal, is_server_error, is_text, text_ends_with, text_is, text_starts_with
from ...scripted_client import ScriptedClient
from .steps import any_text, expect_one_text, shuffled

# Task 1: room and nickname


async def expect_room(client: ScriptedClient, nickname: str, room: int) -> None:
    """Expect the one text of a client with this nickname in this room, and a close with 1000."""
    here = f"{nickname} is in room {room}"
    text = f"{here}, next door is {room + 1}"
    rules = [
        Rule(text_is(f"{nickname.strip()} is in room {room}, next door is {room + 1}"), "stripped"),
        Rule(text_is(f"None is in room {room}, next door is {room + 1}"), "none"),
        Rule(text_is(f" is in room {room}, next door is {room + 1}"), "empty"),
        Rule(text_is(f"guest is in room {room}, next door is {room + 1}"), "nickname-lost"),
        Rule(text_is(f"{here}, next door is {room}1"), "joined"),
        Rule(text_is(f"{here}, next door is {room}"), "same-room"),
        Rule(is_lost, "lost-in-room"),
    ]
    last = [Rule(text_starts_with(nickname), "other-words"), Rule(is_text, "wrong-text")]
    await expect_one_text(client, text, rules, last)


@task("handshake.1")
async def reads_room_and_nickname(context: CheckContext) -> None:
    """A client with a whole number for a room gets one text, with its nickname and the next room, and 1000.

    A missing and an empty nickname become `guest`; any other stays as it is, blanks and capitals included.
    HTTP 403 before accept: a room that is a word, or a number with a fraction.
    Three clients at once get a text each, and room 0 is a room. Not tested: negative rooms.
    """
    rooms = context.random.sample(range(2, 90_000), 4)
    name, other, text = context.name(), any_text(context), any_text(context)
    connect_rules = [Rule(is_server_error, "crashed")]
    a = await context.connect("A", f"/rooms/{rooms[0]}", query={"nickname": name}, rules=connect_rules)
    await expect_room(a, name, rooms[0])
    required = [Rule(is_refusal, "nickname-required"), *connect_rules]
    b = await context.connect("B", f"/rooms/{rooms[1]}", rules=required)
    await expect_room(b, "guest", rooms[1])
    c = await context.connect("C", f"/rooms/{rooms[2]}", query={"nickname": ""}, rules=required)
    await expect_room(c, "guest", rooms[2])
    wrong = [(context.word(), "word-let-in"), (f"{rooms[3]}.5", "fraction-let-in")]
    for client, (room, diagnosis) in zip("DE", wrong, strict=True):
        await expect_refusal_before_accept(
            context, client, f"/rooms/{room}", diagnosis, query={"nickname": other}, rules=connect_rules
        )
    f, g, h = await asyncio.gather(
        context.connect("F", f"/rooms/{rooms[3]}", query={"nickname": other}),
        context.connect("G", "/rooms/0"),
        context.connect("H", f"/rooms/{rooms[3]}", query={"nickname": text}),
    )
    await expect_room(h, text, rooms[3])
    await expect_room(g, "guest", 0)
    await expect_room(f, other, rooms[3])


# Task 2: a cookie and a header

WORDS = {"cy": "Shwmae", "fr": "Bonjour", "sw": "Habari"}


async def expect_greeting(client: ScriptedClient, word: str, name: str) -> None:
    """Expect this word with this name, and a close with 1000."""
    rules = [
        Rule(text_is(f"None, {name}"), "word-none"),
        Rule(lambda got: word != "Hello" and got.text == f"Hello, {name}", "header-unread"),
        Rule(lambda got: word == "Hello" and got.text in [f"{one}, {name}" for one in WORDS.values()], "wrong-word"),
        Rule(text_is(f"{word}, "), "empty-name"),
        Rule(is_lost, "unknown-language"),
    ]
    last = [Rule(text_ends_with(name), "other-words"), Rule(is_text, "wrong-text")]
    await expect_one_text(client, f"{word}, {name}", rules, last)


async def connect_visitor(context: CheckContext, name: str, language: str) -> ScriptedClient:
    """Connect client A with this cookie and this header, which every answer has to accept.

    An answer that accepts the name elsewhere fails with `cookie-unread`, one that refuses it everywhere as usual.
    """
    options: dict[str, Any] = {"cookies": {"name": name}, "headers": {"X-Language": language, "name": name}}
    try:
        rules = [Rule(is_refusal, "cookie-unread"), Rule(is_server_error, "crashed")]
        return await context.connect(
            "A", "/hello", cookies=options["cookies"], headers={"X-Language": language}, rules=rules
        )
    except CheckFailed as failed:
        if failed.diagnosis == "cookie-unread":
            for key in ("name", "session"):
                options["cookies"][key] = name
            await context.connect("A", f"/hello?name={name}&session={name}", **options)
        raise


@task("handshake.2")
async def greets_by_cookie_and_header(context: CheckContext) -> None:
    """The cookie `name` and the header `X-Language` make one greeting, followed by a close with 1000.

    `Hello`: no header, an unknown language, one that begins like a known one, one in capitals, one in the query only.
    HTTP 403 before accept: no cookie, other cookies only, an empty cookie, a name in the query only.
    """
    language, other = context.random.sample(sorted(WORDS), 2)
    name = context.name()
    a = await connect_visitor(context, name, language)
    await expect_greeting(a, WORDS[language], name)
    optional = [Rule(is_refusal, "language-required"), Rule(is_server_error, "unknown-language")]
    b = await context.connect("B", "/hello", cookies={"name": name}, rules=optional)
    await expect_greeting(b, "Hello", name)
    unknown = [context.word(), language + context.word(), f"{language}-CA", language.upper(), "Hello"]
    for client, value in zip("CDEKL", shuffled(context, unknown), strict=True):
        who = context.name()
        visitor = await context.connect(
            client, "/hello", cookies={"name": who}, headers={"X-Language": value}, rules=optional
        )
        await expect_greeting(visitor, "Hello", who)
    strangers: list[tuple[str, dict[str, str], str]] = [
        ("/hello", {}, "let-in"),
        ("/hello", {"Cookie": f"session={name}; user={name}; username={name}"}, "let-in"),
        *shuffled(
            context,
            [(f"/hello?name={name}", {}, "query-let-in"), ("/hello", {"Cookie": "name="}, "empty-let-in")],
        ),
    ]
    for client, (path, headers, diagnosis) in zip("FGHM", strangers, strict=True):
        headers = {**headers, "X-Language": language}
        await expect_refusal_before_accept(
            context, client, path, diagnosis, headers=headers, rules=[Rule(is_server_error, "crashed")]
        )
    i, j = await asyncio.gather(
        context.connect("I", "/hello", cookies={"name": name}, headers={"X-Language": other}),
        context.connect("J", f"/hello?x_language={language}&X-Language={language}", cookies={"name": name[::-1]}),
    )
    await expect_greeting(j, "Hello", name[::-1])
    await expect_greeting(i, WORDS[other], name)
