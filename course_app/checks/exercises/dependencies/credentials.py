"""Tasks 1 and 2: who may connect, by cookie, by token and by scope."""

from __future__ import annotations

from urllib.parse import quote

from ...context import CheckContext
from ...registry import task
from ...rules import (
    Predicate,
    Rule,
    both,
    is_closed,
    is_lost,
    is_nothing,
    is_refusal,
    is_text,
    text_ends_with,
    text_is,
    text_starts_with,
    when,
)
from ...scripted_client import ScriptedClient
from .strangers import CRASHED, Stranger, refuse_strangers

# Task 1: cookie or token

CREDENTIAL = "Session cookie or query token value is: "
NUMBER = "Query parameter q is: "
MESSAGE = "Message text was: "
SILENT = 0.03  # seconds in which a reply too many would have come


def almost(line: str) -> Rule:
    """Return the rule for a line that differs from `line` in capitals, blanks and punctuation only."""

    def letters(text: str) -> str:
        return "".join(letter for letter in text.lower() if letter.isalnum())

    return Rule(lambda got: got.text is not None and letters(got.text) == letters(line), "almost")


def contains_line_break(prefix: str) -> Predicate:
    """Return a predicate for a text that starts with `prefix` and has more than one line."""
    return lambda got: got.text is not None and got.text.startswith(prefix) and "\n" in got.text


async def expect_lines(
    client: ScriptedClient, text: str, item: str, value: str, q: int | None, *rules: Rule, later: bool = False
) -> None:
    """Expect the two or three lines that answer `text`.

    `value` is the credential that counts, `q` the query parameter, None where the client gave none.
    `rules` come first for the first line. `later` says that this client has got all lines of another text before.
    """
    line = CREDENTIAL + value
    common = [
        Rule(contains_line_break(CREDENTIAL), "one-frame"),
        Rule(text_is(f"{CREDENTIAL}None"), "lost-value"),
        almost(line),
        Rule(text_starts_with(MESSAGE), "no-credential-line"),
        Rule(when(not text, is_nothing), "empty-text"),
        Rule(is_closed, "only-once" if text else "empty-text"),
        Rule(when(later, is_text), "one-too-many"),
    ]
    await client.expect(line, rules=[*rules, *common])
    if q is not None:
        line = f"{NUMBER}{q}"
        q_rules = [
            Rule(when(q == 0, text_starts_with(MESSAGE)), "q-zero"),
            Rule(when(q < 0, text_starts_with(MESSAGE)), "q-negative"),
            almost(line),
            Rule(text_starts_with(MESSAGE), "no-q-line"),
            Rule(is_closed, "only-once"),
        ]
        await client.expect(line, rules=q_rules)
    line = f"{MESSAGE}{text}, for item ID: {item}"
    rules_of_message = [
        Rule(when(not text, text_starts_with(MESSAGE)), "empty-text"),
        Rule(text_starts_with(NUMBER), "q-none"),
        Rule(both(text_starts_with(MESSAGE), lambda got: item not in (got.text or "")), "no-item"),
        Rule(both(text_starts_with(MESSAGE), text_ends_with(f", for item ID: {item}")), "changed-text"),
        almost(line),
        Rule(is_closed, "only-once"),
    ]
    await client.expect(line, rules=rules_of_message)


async def talk(
    context: CheckContext,
    client: ScriptedClient,
    item: str,
    value: str,
    q: int | None,
    *rules: Rule,
    later: bool = False,
) -> None:
    """Send a random text, and expect its lines."""
    text = context.text()
    await client.send(text)
    await expect_lines(client, text, item, value, q, *rules, later=later)


async def expect_silence(*clients: ScriptedClient) -> None:
    """Expect that each client got no line more than it was due."""
    for client in clients:
        await client.expect_nothing(SILENT, rules=[Rule(is_text, "one-too-many"), Rule(is_closed, "only-once")])


def without_credential(context: CheckContext, path: str, token: str) -> list[Stranger]:
    """Return clients of `path` that have neither a cookie nor a token, or a `q` that is no integer.

    `token` is a good one, quoted for a URL.
    """
    empty = {"Cookie": "session="}
    other = {"Cookie": f"session_id={context.name()}"}
    return [
        Stranger(path, "let-in"),
        Stranger(f"{path}?session={context.name()}&q={context.number()}", "other-name", other),
        Stranger(f"{path}?token=", "empty-let-in"),
        Stranger(path, "empty-let-in", empty),
        Stranger(f"{path}?token=", "empty-let-in", empty),
        Stranger(f"{path}?token={token}&q={context.word()}", "q-not-int"),
        Stranger(f"{path}?token={token}&q={context.number()}.5", "q-not-int"),
    ]


@task("dependencies.1")
async def takes_cookie_or_token(context: CheckContext) -> None:
    """A client with a token, a cookie or both is accepted, and each of its texts gets two lines, or three with `q`.

    The cookie wins over the token, an empty cookie does not, and `q` counts as given when it is 0 or negative.
    HTTP 403 before accept: neither of the two, an empty token, an empty cookie, a `q` that is no integer.
    Texts come at any speed, and may be empty. A client that leaves, politely or not, leaves no traceback.
    """
    item, other_item, session = context.name(), context.name(), f"{context.name()}-._~{context.name()}"
    token = f" {context.text()} "
    quoted = quote(token, safe="")
    path, q = f"/items/{item}/ws", context.number()
    a = await context.connect("A", f"{path}?token={quoted}&q={q}", rules=[CRASHED, Rule(is_refusal, "refused-token")])
    await talk(context, a, item, token, q)
    b = await context.connect(
        "B",
        f"/items/{other_item}/ws",
        cookies={"session": session},
        rules=[CRASHED, Rule(is_refusal, "refused-cookie")],
    )
    await talk(context, b, other_item, session, None)
    texts = [*(context.text() for _ in range(context.number(20, 25))), "", f" {context.text()} "]
    for text in texts:
        await a.send(text)
    for text in texts:
        await expect_lines(a, text, item, token, q, Rule(text_is(CREDENTIAL + session), "mixed-up"), later=True)
    await talk(context, b, other_item, session, None, later=True)
    await expect_silence(a, b)
    await refuse_strangers(context, without_credential(context, path, quoted))
    numbers = [0, -q]
    context.random.shuffle(numbers)
    c = await context.connect("C", f"{path}?token={quoted}&q={numbers[0]}", cookies={"session": session})
    await talk(context, c, item, session, numbers[0], Rule(text_is(CREDENTIAL + token), "token-won"))
    d = await context.connect(
        "D",
        f"{path}?token={quoted}&q={numbers[1]}",
        headers={"Cookie": "session="},
        rules=[Rule(is_refusal, "refused-both")],
    )
    await talk(context, d, item, token, numbers[1], Rule(text_is(CREDENTIAL), "lost-value"))
    await leave(context, a, b, c, d)


async def leave(context: CheckContext, *clients: ScriptedClient) -> None:
    """Let the clients leave, one after the other with a close frame or without one, and expect no traceback."""
    for number, client in enumerate(clients):
        await (client.abort() if number % 2 else client.close(1000 + number // 2))
        await context.expect_no_traceback("not-caught")
    await context.expect_endpoints_ended("not-caught")


# Task 2: role by scope


async def expect_greeting(client: ScriptedClient, name: str) -> None:
    """Expect `hello <name>`, and a close with 1000."""
    rules = [
        Rule(text_starts_with(f"hello {name}."), "whole-token"),
        Rule(lambda got: name.lower() in (got.text or "").lower(), "almost"),
    ]
    await client.expect(f"hello {name}", rules=rules)
    closed = [
        Rule(is_lost, "lost"),
        Rule(is_nothing, "stays-open"),
        Rule(is_text, "one-too-many"),
        Rule(is_closed, "wrong-code"),
    ]
    await client.expect_close(1000, rules=closed)


def lacking(context: CheckContext, known: str, extra: str) -> list[Stranger]:
    """Return the clients which lack a scope that their path needs.

    `known` is a name that was let in before with both scopes, `extra` a scope that nothing needs.
    """
    separator = context.random.choice((",", "-", ":", "_", "%20", "/"))
    return [
        Stranger("/read", "let-in-without"),
        Stranger(f"/read?token={context.name()}", "no-scopes"),
        Stranger(f"/write?token={context.name()}", "no-scopes"),
        Stranger(f"/write?token={context.name()}.write", "any-scope"),
        Stranger(f"/write?token={context.name()}.{extra}.read.{extra}", "any-scope"),
        Stranger(f"/read?token={context.name()}.write", "other-scopes"),
        Stranger(f"/read?token={context.name()}.{extra}", "other-scopes"),
        Stranger(f"/write?token={context.name()}.write.write", "twice"),
        Stranger(f"/write?token={context.name()}.read.read", "twice"),
        Stranger(f"/read?token={context.name()}.{extra}read", "part-of-a-word"),
        Stranger(f"/read?token={context.name()}.read{extra}", "part-of-a-word"),
        Stranger(f"/read?token={context.name()}.rea", "part-of-a-word"),
        Stranger(f"/write?token={context.name()}.readwrite", "part-of-a-word"),
        Stranger(f"/read?token={context.name()}{separator}read", "other-separator"),
        Stranger(f"/read?token={context.name()}.{extra}{separator}read", "other-separator"),
        Stranger(f"/read?token={context.name()}.%20read%20", "blanks"),
        Stranger(f"/write?token={context.name()}.read.{extra}write{extra}", "part-of-a-word"),
        Stranger(f"/read?token=read.{extra}", "name-as-scope"),
        Stranger("/write?token=write.read", "name-as-scope"),
        Stranger(f"/read?token={context.name()}.Read.READ", "capitals"),
        Stranger("/write?token=", "empty-token"),
        Stranger(f"/read?token={known}", "kept-scopes"),
        Stranger(f"/write?token={known}.read", "kept-scopes"),
    ]


async def greet(context: CheckContext, who: str, path: str, name: str, diagnosis: str = "refused-entitled") -> None:
    """Connect a client that may, and expect its greeting."""
    client = await context.connect(who, path, rules=[CRASHED, Rule(is_refusal, diagnosis)])
    await expect_greeting(client, name)


@task("dependencies.2")
async def guards_by_scope(context: CheckContext) -> None:
    """`/read` greets whoever has the scope `read`, `/write` whoever has `read` and `write`, and closes with 1000.

    Scopes come in any order, and more than are needed do no harm; a client may have the name of a scope.
    HTTP 403 before accept: no scope, one of two, one of two twice, a word that merely contains `read`, other capitals,
    a name `read`, no token. Nobody keeps the scopes of a token that came before.
    """
    name, other, extra = context.name(), context.name(), context.name()
    await greet(context, "A", f"/read?token={name}.read", name)
    await greet(context, "B", f"/write?token={other}.write.read", other)
    await greet(context, "C", f"/write?token={name}.read.write", name)
    await refuse_strangers(context, lacking(context, other, extra))
    await greet(context, "D", f"/read?token={other}.{extra}.write.read", other, "exact-only")
    await greet(context, "E", f"/write?token={name}.write.{extra}.read.{extra}", name, "exact-only")
    await greet(context, "F", "/read?token=read.read", "read", "name-is-scope")
    await context.expect_endpoints_ended("traceback")
