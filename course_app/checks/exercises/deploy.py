"""Checks of the exercise `deploy`: what an operator sees, and a client that comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException, WebSocket

from ...display.events import SENT
from ..backend import Called
from ..context import CheckContext
from ..expectations import expect_echo
from ..failures import CheckFailed
from ..http import ResponseLost, complete_response
from ..received import Received
from ..registry import task
from ..retries import NOTICED, doubling, eventually
from ..rules import Rule, is_closed

if TYPE_CHECKING:
    from ...serving.server import Server

REFUSALS = 4  # handshakes that the server of task 2 refuses while it restarts
SHORTEST_PAUSE = 0.008  # seconds between two of them; task 2 asks for 0.05, and a shorter one than this is no pause
UNREACHABLE = "redis://127.0.0.1:1/0"  # nothing listens there


async def get(context: CheckContext, server: Server | str, path: str) -> Received:
    """Send a GET request to one of the answer's servers, and return the response.

    Raises CheckFailed with `no-answer`, `no-http` (the connection broke), `no-page` (404) or `page-raised` (500).
    """
    context.expected.add("HTTP", SENT, f"GET {path}")
    try:
        got = await complete_response(server, "GET", path, context.patience, {})
    except ResponseLost as error:
        context.fail("no-http", path=path, error=error)
    if got.nothing:
        context.fail_waiting("no-answer", path=path)
    if got.status == 404:
        context.fail("no-page", path=path)
    if got.status == 500:
        await context.fail_for(got, "page-raised", path=path)
    return got


async def soon(context: CheckContext, look: Callable[[], Awaitable[None]]) -> None:
    """Await `look()` until it finds nothing wrong: an answer gets a moment to notice who came and left."""

    def retry(failed: CheckFailed) -> bool:
        return not failed.waited and failed.diagnosis not in ("no-page", "page-raised")

    await eventually(look, doubling(context.patience / 2), retry)


# Task 1: health checks


async def expect_status(context: CheckContext, server: Server | str, path: str, status: int, diagnosis: str) -> None:
    """Expect that a GET request is soon answered with that HTTP status, else fail with that diagnosis."""

    async def look() -> None:
        got = await get(context, server, path)
        if got.status != status:
            context.fail(diagnosis, path=path, status=got.status, body=got.body.decode(errors="replace")[:100])

    await soon(context, look)


@task("deploy.1")
async def reports_health(context: CheckContext) -> None:
    """`/healthz` says 200 always; `/readyz` says 503 without a broker and while `client_limit` clients are connected.

    One server has a broker that is out of reach, one a limit of two to four clients, which is met and left again.
    """
    limit = context.number(2, 4)
    (without_broker,) = await context.workers(1, {"broker_url": UNREACHABLE})
    (server,) = await context.workers(1, {"client_limit": limit})
    await expect_status(context, server, "/healthz", 200, "not-alive")
    await expect_status(context, server, "/readyz", 200, "never-ready")
    await expect_status(context, without_broker, "/readyz", 503, "ready-without-broker")
    await expect_status(context, without_broker, "/healthz", 200, "dead-without-broker")
    clients = []
    for name in "ABCD"[:limit]:
        await expect_status(context, server, "/readyz", 200, "full-too-early")
        client = await context.connect(name, server=server)
        await expect_echo(context, client)
        clients.append(client)
    await expect_status(context, server, "/readyz", 503, "full-and-ready")
    await expect_status(context, server, "/healthz", 200, "dead-when-full")
    await clients[0].close()
    await expect_status(context, server, "/readyz", 200, "full-for-ever")


# Task 2: a client that reconnects


class RestartingServer:
    """A server of numbered messages whose connections end as told, and which notes how the client reconnects.

    `words` are the texts of its messages, in order.
    `ends` says how each connection in turn ends, the last one for all that follow: a close code after two messages,
    1006 (no close frame), 403 (refused), 503 (closed with 1012, then `REFUSALS` handshakes refused), 0 (not at all).
    `last_ids` are the values of `?last_id=` of the accepted connections, and of those refused with 403.
    `shortest_pause` is the seconds between a handshake refused with 503 and the next one, 9 where there was none.
    """

    def __init__(self, words: list[str], ends: list[int]) -> None:
        self.words = words
        self.ends = ends
        self.last_ids: list[str] = []
        self.shortest_pause = 9.0
        self.app = FastAPI()
        self.app.add_api_websocket_route("/ws", self.endpoint)
        self._to_refuse = 0
        self._refused_at = 0.0

    async def endpoint(self, websocket: WebSocket, last_id: str = "") -> None:
        """Serve one connection. Raises HTTPException for a handshake to refuse."""
        if self._refused_at:
            self.shortest_pause = min(self.shortest_pause, time.monotonic() - self._refused_at)
        if self._to_refuse:
            self._to_refuse -= 1
            self._refused_at = time.monotonic()
            raise HTTPException(503, "restarting")
        self.last_ids.append(last_id)
        end = self.ends[min(len(self.last_ids), len(self.ends)) - 1]
        if end == 403:
            raise HTTPException(403, "not you")
        await websocket.accept()
        first = int(last_id) + 1 if last_id.isdecimal() else 0
        for number in range(first, min(first + 2, len(self.words)) if end else len(self.words)):
            await websocket.send_json({"id": str(number), "text": self.words[number]})
        if end == 503:
            self._to_refuse = REFUSALS
        if end == 0:
            await websocket.receive()
        elif end != 1006:
            await websocket.close(1012 if end == 503 else end)


def judge_texts(context: CheckContext, called: Called, server: RestartingServer, end: str) -> None:
    """Fail unless the learner's function returned all texts. `end` words how the first connection ended."""
    if called.timed_out or called.error == "WaitTimeout":
        context.fail("never-done", seconds=round(called.seconds, 1), code=end)
    if called.error == "Closed":
        context.fail("gave-up", code=end, detail=called.detail)
    if called.error == "Refused":
        context.fail("gave-up-503", detail=called.detail)
    if called.error:
        context.fail("raised", error=f"{called.error}: {called.detail}")
    if called.value == server.words:
        return
    texts = called.value if isinstance(called.value, list) else None
    if texts is None or not all(isinstance(text, str) for text in texts):
        context.fail("not-texts", got=repr(called.value)[:80])
    if len(set(texts)) < len(texts):
        context.fail("twice", got=texts)
    if texts == server.words[: len(texts)]:
        context.fail("stopped-early", got=len(texts), count=len(server.words))
    context.fail("other-texts", got=texts, expected=server.words)


@task("deploy.2")
async def reconnects(context: CheckContext) -> None:
    """The function returns the first five texts, each once and in order, whatever ends a connection on the way.

    It reconnects after 1012, 1006 and HTTP 503, and pauses before it comes again: less than 8 ms is no pause.
    It connects no more often than needed, and lets `Closed` with 4001 and `Refused` with 403 out.
    """
    for end, ends in (("no end at all", [0]), ("1012", [1012, 0]), ("1006", [1006, 0]), ("503", [503, 0])):
        server = RestartingServer([word + str(number) for number, word in enumerate(context.words(5))], ends)
        called = await context.call(await context.host(server.app), len(server.words))
        judge_texts(context, called, server, end)
        if server.shortest_pause < SHORTEST_PAUSE:
            context.fail("hammers", milliseconds=round(server.shortest_pause * 1000))
        if len(server.last_ids) != len(ends):
            context.fail("came-back-for-nothing", asked=len(server.last_ids))
    for code, error in ((4001, "Closed"), (403, "Refused")):
        server = RestartingServer(context.words(5), [code])
        called = await context.call(await context.host(server.app), len(server.words), timeout=context.patience)
        if called.error != error:
            got = called.error or "no exception"
            context.fail("knocks-for-ever", end=code, knocks=len(server.last_ids), error=error, got=got)


# Task 3: metrics


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
        text = (await get(context, server, "/metrics")).body.decode(errors="replace")
        values = metric(text, "chat_connections"), metric(text, "chat_messages_total")
        if None in values:
            context.fail("no-metrics", body=text[:80])
        if values[0] != connections:
            context.fail(diagnosis, got=values[0], expected=connections, log=await context.log_line())
        if values[1] != messages:
            context.fail("messages-wrong", got=values[1], expected=messages)

    await soon(context, look)


@task("deploy.3")
async def publishes_metrics(context: CheckContext) -> None:
    """Every text comes back; `chat_connections` and `chat_messages_total` on `/metrics` are right for each of two apps.

    The gauge goes down after a close with 1000, after a TCP reset and after a binary frame; the counter never does.
    A client that closes leaves no traceback. Not tested: the media type.
    """
    one, two = await context.workers(2)
    await expect_metrics(context, one, 0, 0, "not-zero")
    a, b, c = [await context.connect(name, server=one) for name in "ABC"]
    other = await context.connect("Other", server=two)
    for client in (a, b, c, a, other):
        await expect_echo(context, client, Rule(is_closed, "only-once"))
    await expect_metrics(context, one, 3, 4, "connections-wrong")
    await expect_metrics(context, two, 1, 1, "shared")
    await a.close()
    await context.expect_no_traceback("not-caught")
    await expect_metrics(context, one, 2, 4, "ghost-leave")
    await b.abort()
    await expect_metrics(context, one, 1, 4, "ghost-abort")
    await c.send(context.blob())
    await asyncio.sleep(NOTICED)
    await c.abort_if_open()
    await expect_metrics(context, one, 0, 4, "ghost-binary")
