"""Task 3: metrics."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST

from ...context import CheckContext
from ...registry import task
from ...retries import NOTICED
from ...rules import Rule, is_closed, is_nothing
from ...scripted_client import ScriptedClient
from .pages import get, soon

if TYPE_CHECKING:
    from ....serving.server import Server


def is_prometheus_text(content_type: str) -> bool:
    """Tell whether that is `CONTENT_TYPE_LATEST`, whatever the blanks and the charset."""

    def parts(value: str) -> set[str]:
        return {part.strip().lower() for part in value.split(";") if "charset" not in part}

    return parts(content_type) == parts(CONTENT_TYPE_LATEST)


def metric(text: str, name: str) -> float | None:
    """Return a metric's value in the text format of Prometheus, None where it is missing."""
    for line in text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    return None


async def expect_metrics(
    context: CheckContext, server: Server | str, connections: int, messages: int, diagnosis: str
) -> None:
    """Expect that `/metrics` soon has these values; `diagnosis` is for another number of connections."""

    async def look() -> None:
        got = await get(context, server, "/metrics")
        text = got.body.decode(errors="replace")
        values = metric(text, "chat_connections"), metric(text, "chat_messages_total")
        if None in values:
            context.fail("no-metrics", body=text[:80])
        if not is_prometheus_text(got.content_type):
            context.fail("media-type", got=got.content_type, expected=CONTENT_TYPE_LATEST)
        if values[0] != connections:
            context.fail(diagnosis, got=values[0], expected=connections, log=await context.log_line())
        if values[1] != messages:
            context.fail("messages-wrong", got=values[1], expected=messages)

    await soon(context, look)


async def say(client: ScriptedClient, text: str) -> None:
    """Send a text, and expect it back."""
    await client.send(text)
    await client.expect(text, rules=[Rule(is_closed, "only-once"), Rule(is_nothing, "no-echo")])


@task("deploy.3")
async def publishes_metrics(context: CheckContext) -> None:
    """Every text comes back, an empty one too; `/metrics` has its media type, and both numbers are right in each app.

    The gauge goes down after a close with 1000 and with another code, after a TCP reset and after a binary frame,
    whether a client has said something or not; the counter never does, and counts no binary frame.
    A client that closes leaves no traceback.
    """
    one, two = await context.workers(2)
    await expect_metrics(context, one, 0, 0, "not-zero")
    other = await context.connect("Other", server=two)
    await say(other, context.text())
    await expect_metrics(context, one, 0, 0, "shared")
    a, b, c, d, e, silent = [await context.connect(name, server=one) for name in "ABCDEF"]
    for client in (a, b, c, a, d, e):
        await say(client, context.text())
    await say(b, "")
    await expect_metrics(context, one, 6, 7, "connections-wrong")
    await expect_metrics(context, two, 1, 1, "shared")
    await a.close()
    await expect_metrics(context, one, 5, 7, "ghost-leave")
    await silent.close()
    await expect_metrics(context, one, 4, 7, "ghost-silent")
    await context.expect_no_traceback("not-caught")
    await b.abort()
    await expect_metrics(context, one, 3, 7, "ghost-abort")
    await d.close(context.random.choice([1001, 3000, 4001]))
    await expect_metrics(context, one, 2, 7, "ghost-leave")
    await c.send(context.blob())
    await asyncio.sleep(NOTICED)
    await c.abort_if_open()
    await expect_metrics(context, one, 1, 7, "ghost-binary")
    again = await context.connect("G", server=one)
    await say(again, context.text())
    await say(e, context.text())
    await expect_metrics(context, one, 2, 9, "connections-wrong")
    await expect_metrics(context, two, 1, 1, "shared")
