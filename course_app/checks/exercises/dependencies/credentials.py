"""Tasks 1 and 2: who may connect, by cookie, by token and by scope."""

from __future__ import annotations

from ...context import CheckContext
from ...expectations import close_cleanly, expect_refusal_before_accept
from ...registry import task
from ...rules import Predicate, Rule, is_closed, is_refusal, is_server_error, text_is, text_starts_with, when
from ...scripted_client import ScriptedClient

# Task 1: cookie or token

CREDENTIAL = "Session cookie or query token value is: "
NUMBER = "Query parameter q is: "
MESSAGE = "Message text was: "


def almost(line: str) -> Rule:
    """Return the rule for a line that differs from `line` in capitals, blanks and punctuation only."""

    def letters(text: str) -> str:
        return "".join(letter for letter in text.lower() if letter.isalnum())

    return Rule(lambda got: got.text is not None and letters(got.text) == letters(line), "almost")


def contains_line_break(prefix: str) -> Predicate:
    """Return a predicate for a text that starts with `prefix` and has more than one line."""
    return lambda got: got.text is not None and got.text.startswith(prefix) and "\n" in got.text


async def expect_lines(
    context: CheckContext, client: ScriptedClient, item: str, value: str, q: int | None, *rules: Rule
) -> None:
    """Send a random word, and expect the two or three lines that answer it.

    `value` is the credential that counts, `q` the query parameter, None where the client gave none.
    `rules` come first for the first line.
    """
    word = context.word()
    await client.send(word)
    line = CREDENTIAL + value
    common = [
        Rule(contains_line_break(CREDENTIAL), "one-frame"),
        Rule(text_is(f"{CREDENTIAL}None"), "lost-value"),
        almost(line),
        Rule(text_starts_with(MESSAGE), "no-credential-line"),
    ]
    await client.expect(line, rules=[*rules, *common])
    if q is not None:
        line = f"{NUMBER}{q}"
        zero = Rule(when(q == 0, text_starts_with(MESSAGE)), "q-zero")
        await client.expect(line, rules=[zero, almost(line), Rule(text_starts_with(MESSAGE), "no-q-line")])
    line = f"{MESSAGE}{word}, for item ID: {item}"
    no_item = Rule(lambda got: bool(got.text and item not in got.text), "no-item")
    await client.expect(line, rules=[Rule(text_starts_with(NUMBER), "q-none"), almost(line), no_item])


@task("dependencies.1")
async def takes_cookie_or_token(context: CheckContext) -> None:
    """A client with a token, a cookie or both is accepted, and each of its texts gets two lines, or three with `q`.

    The cookie wins over the token, an empty cookie does not, and `q=0` counts as given.
    HTTP 403 before accept: neither of the two, an empty token, an empty cookie, a `q` that is no integer.
    A client that closes leaves no traceback.
    """
    item, other_item, token, session = context.words(4)
    path, q = f"/items/{item}/ws", context.number()
    empty_cookie = {"Cookie": "session="}
    a = await context.connect("A", f"{path}?token={token}&q={q}", rules=[Rule(is_refusal, "refused-token")])
    await expect_lines(context, a, item, token, q)
    b = await context.connect(
        "B", f"/items/{other_item}/ws", cookies={"session": session}, rules=[Rule(is_refusal, "refused-cookie")]
    )
    await expect_lines(context, b, other_item, session, None)
    await expect_lines(context, a, item, token, q, Rule(is_closed, "only-once"))
    await expect_refusal_before_accept(context, "C", path, "let-in", rules=[Rule(is_server_error, "crashed")])
    await expect_refusal_before_accept(context, "D", f"{path}?token=", "empty-let-in")
    await expect_refusal_before_accept(context, "E", path, "empty-let-in", headers=empty_cookie)
    await expect_refusal_before_accept(context, "F", f"{path}?token={token}&q={context.word()}", "q-not-int")
    g = await context.connect("G", f"{path}?token={token}&q=0", cookies={"session": session})
    await expect_lines(context, g, item, session, 0, Rule(text_is(CREDENTIAL + token), "token-won"))
    h = await context.connect(
        "H", f"{path}?token={token}", headers=empty_cookie, rules=[Rule(is_refusal, "refused-both")]
    )
    await expect_lines(context, h, item, token, None, Rule(text_is(CREDENTIAL), "lost-value"))
    await close_cleanly(context, a)


# Task 2: role by scope


async def expect_greeting(client: ScriptedClient, name: str) -> None:
    """Expect `hello <name>`, and a close with 1000."""
    await client.expect(f"hello {name}", rules=[Rule(text_starts_with(f"hello {name}."), "whole-token")])
    await client.expect_close(1000)


@task("dependencies.2")
async def guards_by_scope(context: CheckContext) -> None:
    """`/read` greets whoever has the scope `read`, `/write` whoever has `read` and `write`, and closes with 1000.

    Scopes come in any order, and more than are needed do no harm.
    HTTP 403 before accept: no scope, one of two, a scope that merely ends in `read`, a name `read`, no token.
    """
    name, other, third, extra = context.words(4)
    refused = Rule(is_refusal, "refused-entitled")
    a = await context.connect("A", f"/read?token={name}.read", rules=[refused])
    await expect_greeting(a, name)
    b = await context.connect("B", f"/write?token={other}.write.read", rules=[refused])
    await expect_greeting(b, other)
    for client, path, diagnosis in (
        ("C", f"/read?token={name}", "no-scopes"),
        ("D", f"/write?token={name}.read", "any-scope"),
        ("E", f"/write?token={name}.write", "any-scope"),
        ("F", f"/read?token={name}.{extra}read", "part-of-a-word"),
        ("G", f"/read?token=read.{extra}", "name-as-scope"),
        ("H", "/read", "let-in-without"),
    ):
        await expect_refusal_before_accept(context, client, path, diagnosis)
    i = await context.connect("I", f"/read?token={third}.{extra}.write.read", rules=[Rule(is_refusal, "exact-only")])
    await expect_greeting(i, third)
