"""Checks of exercise 16: what an operator sees, and a client that comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi import FastAPI, HTTPException, WebSocket

from ..backend import Called
from ..context import CheckContext, CheckFailed, ScriptedClient
from ..received import Received
from ..registry import task

if TYPE_CHECKING:
    from ...serving.server import Server

SETTLE = 0.02  # seconds in which an answer has noticed who left, on an idle machine
KNOCKS = 4  # handshakes that the server of task 2 refuses while it restarts
BREATH = 0.008  # seconds between two of them that are no pause
NOBODY = "redis://127.0.0.1:1/0"  # nothing listens there


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    text: str


async def get(context: CheckContext, at: Server | str, path: str) -> Answer:
    """Ask a server of the learner's by HTTP, bounded."""
    import httpx

    context.expected.add("HTTP", ">", f"GET {path}")
    where = at if isinstance(at, str) else f"unix:{at.uds}" if at.uds else at.url
    unix = where.removeprefix("unix:") if where.startswith("unix:") else None
    base = "http://localhost" if unix else where.replace("ws", "http", 1) if where.startswith("ws") else where
    transport = httpx.AsyncHTTPTransport(uds=unix)
    try:
        async with httpx.AsyncClient(transport=transport, base_url=base, timeout=context.backend.patience) as http:
            answer = await http.get(path)
    except httpx.TimeoutException:
        raise CheckFailed("no-answer", waited=True, path=path, seconds=context.backend.patience) from None
    except httpx.TransportError as error:
        context.fail("no-http", path=path, error=error)
    if answer.status_code == 404:
        context.fail("no-page", path=path)
    if answer.status_code == 500:
        context.fail("page-raised", path=path, log=await context.log_line())
    return Answer(answer.status_code, answer.text)


async def settles(context: CheckContext, look: Callable[[], Any]) -> None:
    """Await `look()` until it finds nothing wrong: an answer gets a moment to notice who came and left."""
    deadline = time.monotonic() + context.backend.patience / 2
    pause = SETTLE
    while True:
        try:
            return await look()
        except CheckFailed as wrong:
            if wrong.waited or wrong.diagnosis in ("no-page", "page-raised") or time.monotonic() >= deadline:
                raise
        await asyncio.sleep(pause)
        pause *= 2


# 1. Health that tells the truth


async def says(context: CheckContext, at: Server | str, path: str, status: int, diagnosis: str) -> None:
    async def look() -> None:
        answer = await get(context, at, path)
        if answer.status != status:
            context.fail(diagnosis, path=path, status=answer.status, body=answer.text[:100])

    await settles(context, look)


@task("deploy.1")
async def tells_the_truth(context: CheckContext) -> None:
    limit = context.number(2, 4)
    (lonely,) = await context.workers(1, {"broker_url": NOBODY})
    (well,) = await context.workers(1, {"client_limit": limit})
    await says(context, well, "/healthz", 200, "not-alive")
    await says(context, well, "/readyz", 200, "never-ready")
    await says(context, lonely, "/readyz", 503, "ready-without-broker")
    await says(context, lonely, "/healthz", 200, "dead-without-broker")
    clients: list[ScriptedClient] = []
    for number in range(limit):
        await says(context, well, "/readyz", 200, "full-too-early")
        client = await context.client("ABCDE"[number], at=well)
        word = context.word()
        await client.send(word)
        await client.receives(word)
        clients.append(client)
    await says(context, well, "/readyz", 503, "full-and-ready")
    await says(context, well, "/healthz", 200, "dead-when-full")
    await clients[0].leaves()
    await says(context, well, "/readyz", 200, "full-for-ever")


# 2. A client that comes back


class Feed:
    """A server whose connections end in every way, and which notes what it is asked."""

    def __init__(self, words: list[str], ends: list[int]) -> None:
        self.words = words
        self.ends = ends  # how the connections end, one after the other
        self.asked: list[str] = []
        self.to_refuse = 0
        self.refused_at = 0.0
        self.shortest_pause = 9.0
        self.app = FastAPI()
        self.app.add_api_websocket_route("/ws", self.serve)

    async def serve(self, websocket: WebSocket, last_id: str = "") -> None:
        if self.refused_at:
            self.shortest_pause = min(self.shortest_pause, time.monotonic() - self.refused_at)
        if self.to_refuse:
            self.to_refuse -= 1
            self.refused_at = time.monotonic()
            raise HTTPException(503, "restarting")
        self.asked.append(last_id)
        end = self.ends[min(len(self.asked), len(self.ends)) - 1]
        if end == 403:
            raise HTTPException(403, "not you")
        await websocket.accept()
        begin = int(last_id) + 1 if last_id.isdecimal() else 0
        for number in range(begin, min(begin + 2, len(self.words)) if end else len(self.words)):
            await websocket.send_json({"id": str(number), "text": self.words[number]})
        if end == 503:
            self.to_refuse = KNOCKS
        if end == 0:
            await websocket.receive()
        elif end != 1006:
            await websocket.close(1012 if end == 503 else end)


def judged(context: CheckContext, called: Called, feed: Feed, diagnosis: str) -> None:
    """Say how a client went wrong that should have read everything."""
    if called.timed_out or called.error == "WaitTimeout":
        context.fail("never-done", seconds=round(called.seconds, 1), code=diagnosis)
    if called.error == "Closed":
        context.fail("gave-up", code=diagnosis, detail=called.detail)
    if called.error == "Refused":
        context.fail("gave-up-503", detail=called.detail)
    if called.error:
        context.fail("raised", error=f"{called.error}: {called.detail}")
    if called.value == feed.words:
        return
    texts = called.value if isinstance(called.value, list) else None
    if texts is None or not all(isinstance(text, str) for text in texts):
        context.fail("not-texts", got=repr(called.value)[:80])
    if len(set(texts)) < len(texts):
        context.fail("twice", got=texts)
    if texts == feed.words[: len(texts)]:
        context.fail("stopped-early", got=len(texts), count=len(feed.words))
    context.fail("other-texts", got=texts, expected=feed.words)


@task("deploy.2")
async def comes_back(context: CheckContext) -> None:
    for name, ends in (("no end at all", [0]), ("1012", [1012, 0]), ("1006", [1006, 0]), ("503", [503, 0])):
        feed = Feed([context.word() + str(number) for number in range(5)], ends)
        called = await context.call(await context.host(feed.app), len(feed.words))
        judged(context, called, feed, name)
        if feed.shortest_pause < BREATH:
            context.fail("hammers", milliseconds=round(feed.shortest_pause * 1000))
        if len(feed.asked) != len(ends):
            context.fail("came-back-for-nothing", asked=len(feed.asked))
    for end, error in ((4001, "Closed"), (403, "Refused")):
        feed = Feed([context.word() for _ in range(5)], [end])
        called = await context.call(await context.host(feed.app), len(feed.words), timeout=context.backend.patience)
        if called.error != error:
            context.fail(
                "knocks-for-ever", end=end, knocks=len(feed.asked), error=error, got=called.error or "no exception"
            )


# 3. Numbers to watch


def value_of(text: str, name: str) -> float | None:
    """Return a metric's value in the text format of Prometheus."""
    for line in text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    return None


async def counts(context: CheckContext, at: Server | str, connections: int, messages: int, diagnosis: str) -> None:
    async def look() -> None:
        answer = await get(context, at, "/metrics")
        numbers = value_of(answer.text, "chat_connections"), value_of(answer.text, "chat_messages_total")
        if None in numbers:
            context.fail("no-metrics", body=answer.text[:80])
        if numbers[0] != connections:
            context.fail(diagnosis, got=numbers[0], expected=connections, log=await context.log_line())
        if numbers[1] != messages:
            context.fail("messages-wrong", got=numbers[1], expected=messages)

    await settles(context, look)


async def echoes(context: CheckContext, actor: ScriptedClient) -> None:
    word = context.word()
    await actor.send(word)
    closed: Callable[[Received], bool] = lambda got: got.closed  # noqa: E731
    await actor.receives(word, rules=[(closed, "only-once")])


@task("deploy.3")
async def measures(context: CheckContext) -> None:
    one, two = await context.workers(2)
    await counts(context, one, 0, 0, "not-zero")
    a, b, c = [await context.client(name, at=one) for name in "ABC"]
    other = await context.client("Other", at=two)
    for actor in (a, b, c, a, other):
        await echoes(context, actor)
    await counts(context, one, 3, 4, "connections-wrong")
    await counts(context, two, 1, 1, "shared")
    await a.leaves()
    await context.no_traceback("not-caught")
    await counts(context, one, 2, 4, "ghost-leave")
    await b.aborts()
    await counts(context, one, 1, 4, "ghost-abort")
    await c.send(context.blob())
    await asyncio.sleep(SETTLE)
    await c.hang_up()
    await counts(context, one, 0, 4, "ghost-binary")
