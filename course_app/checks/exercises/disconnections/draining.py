"""Task 4: drain before you stop."""

from __future__ import annotations

from ...context import CheckContext
from ...expectations import expect_refusal_before_accept
from ...registry import task
from ...rules import Rule, has_code, has_status, is_closed, is_lost, is_nothing, is_server_error, is_text
from ...scripted_client import ScriptedClient
from .endings import expect_running, expect_unchanged, leave_with_a_binary_frame, tracebacks

STILL_DRAINING = Rule(has_status(403), "still-draining")


def near_misses(context: CheckContext) -> list[str]:
    """Return texts that are not `drain`, in random order."""
    texts = ["Drain", "DRAIN", " drain", "drain ", "drained", "please drain", "drai", "", f"drain {context.text()}"]
    context.random.shuffle(texts)
    return texts


async def come_and_go(context: CheckContext) -> None:
    """Let clients come, and leave in every way; only the binary frame may leave a traceback."""
    for name, leave in (("Polite", "close"), ("Lost", "abort"), ("Quiet", "abort")):
        client = await context.connect(name, rules=[STILL_DRAINING])
        if name != "Quiet":
            await expect_unchanged(context, client, Rule(is_closed, "only-once"))
        await getattr(client, leave)()
        await context.expect_no_traceback("not-caught")
    client = await context.connect("Binary", rules=[STILL_DRAINING])
    await leave_with_a_binary_frame(client, context.blob())


async def expect_drained(sender: ScriptedClient, others: list[ScriptedClient]) -> None:
    """Send `drain`, and expect that every client is closed with 1012, and then nothing else happens to it."""
    await sender.send("drain")
    common = [Rule(has_code(1000), "closed-1000"), Rule(has_code(1001), "closed-1001"), Rule(is_text, "talked")]
    missed = [Rule(is_lost, "sender-lost"), Rule(is_nothing, "sender-left-out"), Rule(is_closed, "other-code")]
    await sender.expect_close(1012, rules=[*common, *missed])
    missed = [Rule(is_lost, "others-lost"), Rule(is_nothing, "only-sender"), Rule(is_closed, "other-code")]
    for client in others:
        await client.expect_close(1012, rules=[*common, *missed])


@task("disconnections.4")
async def drains(context: CheckContext) -> None:
    """After `drain` from any client, all are closed with 1012, the sender and a silent one too.

    New ones are refused with HTTP 403 then.

    Until then each text comes back, also one that merely contains the word, and clients leave in every way, which
    leaves no traceback. Nobody is closed twice, and the server stops afterwards without an endpoint that still waits.
    A server of the same app that starts then does not drain.
    """
    await (await context.connect("First", rules=[STILL_DRAINING])).close()
    early, silent = [await context.connect(name, rules=[STILL_DRAINING]) for name in ("Early", "Silent")]
    clients = [await context.connect(name, rules=[STILL_DRAINING]) for name in "ABCD"[: context.number(3, 4)]]
    context.random.shuffle(clients)
    for client in [*clients, *clients]:
        await expect_unchanged(context, client, Rule(is_closed, "only-once"))
    for text in near_misses(context):
        await expect_unchanged(context, clients[0], Rule(is_closed, "not-the-word"), text=text)
    await early.close()
    await context.expect_no_traceback("not-caught")
    await come_and_go(context)
    for client in clients:
        await expect_unchanged(context, client, Rule(is_closed, "closed-all"))
    logged = await tracebacks(context)
    sender, *others = context.random.sample(clients, len(clients))
    await expect_drained(sender, [*others, silent])
    for name in ("Late", "Later")[: context.number(1, 2)] + ("Last",):
        crashed = Rule(is_server_error, "crashed-late")
        await expect_refusal_before_accept(context, name, "/ws", "let-in", rules=[crashed])
    await expect_running(context, 0)
    if await tracebacks(context) > logged:
        context.fail("closed-twice", log=await context.log_line())
    await context.backend.stop_serving()
    again = await context.connect("Again", rules=[Rule(has_status(403), "drains-again")])
    await expect_unchanged(context, again)
    await expect_drained(again, [])
