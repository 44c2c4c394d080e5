"""The check of `echo.1`: one message, one reply, and a close with 1000."""

from __future__ import annotations

from ...context import CheckContext
from ...crashes import crashes_named
from ...registry import task
from ...rules import Rule, has_code, is_closed, is_lost, is_message, is_nothing, text_contains
from ...scripted_client import ScriptedClient
from .replies import expect_prefixed_reply, padded_text

SILENCE = 0.03  # seconds in which a server that speaks first has spoken


async def expect_end(client: ScriptedClient) -> None:
    """Expect that the server closes with 1000, and sends nothing else."""
    await client.expect_close(
        1000,
        rules=[
            Rule(is_message, "answered-twice"),
            Rule(is_nothing, "never-closes"),
            Rule(is_lost, "returned-without-closing"),
            Rule(is_closed, "other-code"),
        ],
    )


@task("echo.1")
async def answers_one_message(context: CheckContext) -> None:
    """One random text from each of several clients comes back with the prefix; then the server closes with 1000.

    The texts include an empty one and one with blanks at its ends. Nothing comes before the text is sent.
    No endpoint runs on, and none has raised.
    """
    async with crashes_named(context):
        a = await context.connect("A")
        await a.expect_nothing(
            SILENCE,
            rules=[
                Rule(text_contains("<coroutine object"), "not-awaited"),
                Rule(is_message, "spoke-first"),
                Rule(is_lost, "returned-early"),
            ],
        )
        await expect_prefixed_reply(
            a, context.text(), Rule(is_lost, "returned-early"), Rule(has_code(1000), "closed-without-reply")
        )
        await expect_end(a)
        texts = [padded_text(context), "", *(context.text() for _ in range(context.number(1, 3)))]
        context.random.shuffle(texts)
        for name, text in zip("BCDEF", texts, strict=False):
            client = await context.connect(name)
            await expect_prefixed_reply(client, text, *(_empty_rules() if not text else ()))
            await expect_end(client)
        await context.expect_endpoints_ended("raised-after-closing")


def _empty_rules() -> list[Rule]:
    return [Rule(is_nothing, "ignored-empty"), Rule(is_closed, "refused-empty")]
