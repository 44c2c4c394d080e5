"""Task 1: health checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...context import CheckContext
from ...expectations import expect_echo
from ...registry import task
from ...scripted_client import ScriptedClient
from .pages import get, soon

if TYPE_CHECKING:
    from ....serving.server import Server

UNREACHABLE = "redis://127.0.0.1:1/0"  # nothing listens there


async def expect_status(context: CheckContext, server: Server | str, path: str, status: int, diagnosis: str) -> None:
    """Expect that a GET request is soon answered with that HTTP status, else fail with that diagnosis."""

    async def look() -> None:
        got = await get(context, server, path)
        if got.status != status:
            context.fail(diagnosis, path=path, status=got.status, body=got.body.decode(errors="replace")[:100])

    await soon(context, look)


async def fill(context: CheckContext, server: Server | str, limit: int, lane: str) -> list[ScriptedClient]:
    """Connect as many clients as the limit, and expect the server to be ready before each of them."""
    clients = []
    for number in range(limit):
        await expect_status(context, server, "/readyz", 200, "full-too-early")
        client = await context.connect(f"{lane}{number}", server=server)
        await expect_echo(context, client)
        clients.append(client)
    return clients


@task("deploy.1")
async def reports_health(context: CheckContext) -> None:
    """`/healthz` says 200 always; `/readyz` says 503 without a broker and while `client_limit` clients are connected.

    One server has a broker that is out of reach, one a limit of two to four clients, which is met, exceeded by one, and
    left again by a close and by a TCP reset; a third server, with another limit, is ready all the while.
    """
    limit = context.number(2, 4)
    (without_broker,) = await context.workers(1, {"broker_url": UNREACHABLE})
    (server,) = await context.workers(1, {"client_limit": limit})
    (larger,) = await context.workers(1, {"client_limit": limit + 1})
    (closed,) = await context.workers(1, {"client_limit": 0})
    await expect_status(context, server, "/healthz", 200, "not-alive")
    await expect_status(context, server, "/readyz", 200, "never-ready")
    await expect_status(context, without_broker, "/readyz", 503, "ready-without-broker")
    await expect_status(context, without_broker, "/healthz", 200, "dead-without-broker")
    clients = await fill(context, server, limit, "A")
    await expect_status(context, server, "/readyz", 503, "full-and-ready")
    await expect_status(context, server, "/healthz", 200, "dead-when-full")
    clients.append(await context.connect("Extra", server=server))
    await expect_echo(context, clients[-1])
    await expect_status(context, server, "/readyz", 503, "over-full-and-ready")
    await expect_status(context, server, "/healthz", 200, "dead-when-full")
    await expect_status(context, larger, "/readyz", 200, "other-is-full")
    others = await fill(context, larger, limit + 1, "B")
    await expect_status(context, larger, "/readyz", 503, "full-and-ready")
    await clients.pop().abort()
    await clients.pop().close()
    await expect_status(context, server, "/readyz", 200, "full-for-ever")
    await expect_status(context, larger, "/readyz", 503, "full-and-ready")
    await others[0].abort()
    await expect_status(context, larger, "/readyz", 200, "full-for-ever")
    await expect_status(context, closed, "/readyz", 503, "limit-of-zero")
    await expect_status(context, closed, "/healthz", 200, "dead-when-full")
