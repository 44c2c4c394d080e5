"""What a check is given: scripted clients, HTTP requests, random values, and the two transcripts.

A check is a dialogue: `await a.send(word)`, `await a.expect(reply)`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..display.events import RECEIVED, SENT, STATE, lines
from ..display.transcript import Transcript
from .backend import Backend, Called
from .dialogue import Dialogue
from .http import request
from .received import Received
from .rules import Rule
from .scripted_client import ScriptedClient

if TYPE_CHECKING:
    from ..serving.server import Server

_LOG_SECONDS = 0.02  # what the server needs to log an exception that has been raised


class CheckContext(Dialogue):
    """What a check plays its dialogue with: clients of the learner's server, or a server for the learner's client.

    `clients` are the scripted clients so far, in the order in which they connected.
    `hosted_transcript` is what the learner's client and a server of the check's own said to each other.
    """

    def __init__(self, target: str, backend: Backend) -> None:
        super().__init__(target, backend)
        self.clients: list[ScriptedClient] = []
        self.hosted_transcript = Transcript()
        self._http_transcript = Transcript()

    # The answer as a server

    async def workers(self, count: int, *args: Any) -> list[Server | str]:
        """Call the learner's function `count` times with `args` (JSON-ready), and serve each app that it returns.

        Return what `connect` and `http` take as `server`. Raises AnswerUnusable.
        """
        return [await self.backend.make(*args) for _ in range(count)]

    async def connect(
        self,
        name: str = "A",
        path: str = "/ws",
        *,
        server: Server | str | None = None,
        rules: Sequence[Rule] = (),
        **options: Any,
    ) -> ScriptedClient:
        """Connect a client called `name` to the learner's server, or to `server`, one of `workers`.

        `options` are those of `course_app.connect`: `query`, `headers`, `cookies`, `origin`, `subprotocols` and more.
        Raises CheckFailed with the diagnosis of the first rule that applies to what came instead of status 101,
        or with `no-handshake`, `no-route` (HTTP 403), `refused-500` or `refused`.
        """
        client = ScriptedClient(self, name, path, server)
        self.clients.append(client)
        await client.connect(rules, options)
        return client

    async def expect_refusal(
        self,
        name: str = "A",
        path: str = "/ws",
        *,
        server: Server | str | None = None,
        status: int = 403,
        rules: Sequence[Rule] = (),
        **options: Any,
    ) -> Received:
        """Expect the handshake to be refused with that HTTP status, and return the response, body included.

        The client stays in `clients`, connected where the server accepted it.
        Raises CheckFailed with the diagnosis of the first rule that applies to what came instead, or with
        `no-handshake`, `not-refused` or `wrong-status`.
        """
        self.expected.add(name, SENT, f"GET {path}")
        self.expected.add(name, STATE, f"REFUSED {status}")
        client = ScriptedClient(self, name, path, server)
        self.clients.append(client)
        got = await client.try_connect(options)
        if got.status == status:
            return got
        fields: dict[str, Any] = {"who": name, "path": path, "expected": status}
        await self.apply_rules(rules, got, **fields)
        if got.nothing:
            self.fail_waiting("no-handshake", **fields)
        if got.status is None:
            await self.fail_for(got, "not-refused", **fields | {"status": status})
        await self.fail_for(got, "wrong-status", **fields)

    async def http(
        self,
        method: str,
        path: str,
        *,
        name: str = "HTTP",
        server: Server | str | None = None,
        status: int | Sequence[int] = 200,
        rules: Sequence[Rule] = (),
        **options: Any,
    ) -> Received:
        """Send one HTTP request to the learner's server, expect that status, and return the response, body included.

        Where 200 is expected of a POST, 201 is as good (RFC 9110 section 15.3.2).
        `name` is its lane in the transcripts. `server` is one of `workers`.
        `options` are those of `httpx.AsyncClient.request`, and `cookies`.
        Raises CheckFailed with the diagnosis of the first rule that applies to what came instead, or with
        `no-response` or `wrong-response`.
        """
        statuses = [status] if isinstance(status, int) else status
        self.expected.add(name, SENT, f"{method} {path}")
        self.expected.add(name, RECEIVED, f"HTTP {statuses[0]}")
        address = server or await self.backend.address()
        self._http_transcript.add(name, SENT, f"{method} {path}")
        got = await request(address, method, path, self.patience, options)
        if not got.nothing:
            self._http_transcript.add(name, RECEIVED, str(got))
        if got.status in statuses or (method == "POST" and 200 in statuses and got.status == 201):
            return got
        fields: dict[str, Any] = {"who": name, "method": method, "path": path, "expected": statuses[0]}
        await self.apply_rules(rules, got, **fields)
        if got.nothing:
            self.fail_waiting("no-response", **fields)
        await self.fail_for(got, "wrong-response", **fields)

    # The answer as a function

    async def call(self, *args: Any, timeout: float | None = None, wait: float | None = None) -> Called:
        """Run the learner's coroutine function for at most `timeout` seconds, by default three times the patience.

        `wait` is the seconds that each wait of `course_app.connect` may last in it, where the learner gives no timeout.
        Return what came of it; an exception of the learner's is no exception here. Raises AnswerUnusable.
        """
        return await self.backend.call(*args, timeout=timeout or self.patience * 3, wait=wait)

    async def host(self, app: Any) -> str:
        """Serve an ASGI app of the check's own; return the address to hand to the learner's function."""
        return await self.backend.host(app)

    # What the server logged

    async def expect_endpoints_ended(self, diagnosis: str) -> None:
        """Expect that every endpoint ends without an unhandled exception, now that every client has left.

        Raises CheckFailed with that diagnosis where the server logged a traceback, and with `endpoint-runs-on` where an
        endpoint still runs after the backend's patience.
        """
        deadline = time.monotonic() + self.patience
        while running := await self.backend.running():
            if time.monotonic() > deadline:
                self.fail("endpoint-runs-on", count=running, seconds=self.patience)
            await asyncio.sleep(0.002)
        await self._expect_clean_log(diagnosis)

    async def expect_no_traceback(self, diagnosis: str = "traceback") -> None:
        """Expect that the server has logged no unhandled exception. Raises CheckFailed with that diagnosis."""
        await asyncio.sleep(_LOG_SECONDS)
        await self._expect_clean_log(diagnosis)

    async def _expect_clean_log(self, diagnosis: str) -> None:
        if any("Traceback" in line for line in await self.backend.logs()):
            self.fail(diagnosis, log=await self.log_line())

    # The end

    @property
    def received(self) -> str:
        """The transcript of what really crossed the wire: all clients and HTTP requests, in order, as text."""
        if self.hosted_transcript.events:
            return str(self.hosted_transcript)
        timed = [entry for client in self.clients for entry in client.events()]
        timed += [(self._http_transcript.began + event.at, event) for event in self._http_transcript.events]
        return lines([event for _, event in sorted(timed, key=lambda entry: entry[0])])

    async def close(self) -> None:
        """Cut every connection that is still open."""
        for client in self.clients:
            await client.abort_if_open()
