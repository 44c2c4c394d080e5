"""Task 4: drain before you stop."""

from __future__ import annotations

from ...context import CheckContext
from ...expectations import close_cleanly, expect_echo
from ...registry import task
from ...rules import Rule, has_code, has_status, is_accepted, is_closed, is_lost, is_nothing, is_text


@task("disconnections.4")
async def drains(context: CheckContext) -> None:
    """After `drain`, all clients are closed with 1012, the sender too, and a new one is refused with HTTP 403.

    Until then each text comes back, and a client that closes leaves no traceback.
    Nobody is closed twice, and the server stops afterwards without an endpoint that still waits.
    """
    still_draining = Rule(has_status(403), "still-draining")
    early, a, b, c = [await context.connect(name, rules=[still_draining]) for name in ("Early", "A", "B", "C")]
    for client in (c, a):
        await expect_echo(context, client, Rule(is_closed, "only-once"))
    await close_cleanly(context, early)
    await a.send("drain")
    common = [Rule(has_code(1000), "closed-1000"), Rule(has_code(1001), "closed-1001"), Rule(is_text, "talked")]
    await a.expect_close(1012, rules=[*common, Rule(is_lost, "sender-lost"), Rule(is_nothing, "sender-left-out")])
    for client in (b, c):
        await client.expect_close(1012, rules=[*common, Rule(is_lost, "others-lost"), Rule(is_nothing, "only-sender")])
    await context.expect_refusal("Late", rules=[Rule(is_accepted, "let-in")])
    await context.expect_no_traceback("closed-twice")
    await context.backend.stop_serving()
    await context.expect_no_traceback("zombie")
