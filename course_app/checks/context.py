"""What a check works with: scripted clients, random values, two transcripts.

A check is a dialogue: `await a.send(word)`, `await a.receives(reply)`.
Each step is written down as *expected* before it is waited for: a failure shows the script up to the line that broke.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from websockets.frames import Frame, Opcode

from ..client.client import Client, Closed, Refused, WaitTimeout, connect
from ..display.transcript import RECEIVED, SENT, STATE, Event, Transcript, lines
from .backend import Backend, Called
from .http import request
from .received import Received, show

if TYPE_CHECKING:
    from ..serving.server import Server

Rule = tuple[Callable[[Received], bool], str]

_LEAVING_SECONDS = 0.1  # what an endpoint may take to end when its client has left; a right one needs a millisecond
_SYLLABLES = ("ba", "do", "fi", "ku", "le", "mo", "na", "pi", "ru", "sa", "te", "vo")


class CheckFailed(Exception):
    """The answer is wrong: `diagnosis` names how, `fields` fill its text."""

    def __init__(self, diagnosis: str, *, waited: bool = False, **fields: Any) -> None:
        super().__init__(diagnosis)
        self.diagnosis = diagnosis
        self.waited = waited
        self.fields = fields


class CheckContext:
    """What a check is given: clients of the learner's server, or a server for the learner's client.

    `target` is the learner's name for the answer. `random` gives values that nobody can guess.
    """

    def __init__(self, target: str, backend: Backend) -> None:
        self.target = target
        self.backend = backend
        self.random = random.SystemRandom()
        self.expected = Transcript()
        self.overheard = Transcript()  # what the learner's client and a server of the check's own said
        self._actors: list[ScriptedClient] = []
        self._web = Transcript()

    def word(self) -> str:
        """Return a random pronounceable word of eight letters."""
        return "".join(self.random.choice(_SYLLABLES) for _ in range(4))

    def number(self, low: int = 10, high: int = 99_999) -> int:
        return self.random.randint(low, high)

    def blob(self, size: int = 6) -> bytes:
        return self.random.randbytes(size)

    def fail(self, diagnosis: str, **fields: Any) -> NoReturn:
        """End the check: wrong, for this reason."""
        raise CheckFailed(diagnosis, target=self.target, **fields)

    async def workers(self, count: int, *args: Any) -> list[Server | str]:
        """Call the learner's function `count` times with `args`, and serve each app it returns: pass one as `at`."""
        return [await self.backend.make(*args) for _ in range(count)]

    async def client(
        self,
        name: str = "A",
        path: str = "/ws",
        *,
        at: Server | str | None = None,
        rules: Sequence[Rule] = (),
        **options: Any,
    ) -> ScriptedClient:
        """Connect a client called `name` to the learner's server, or to `at`, one of `workers`.

        `options` are those of `connect`.
        """
        actor = ScriptedClient(self, name, path, at)
        self._actors.append(actor)
        await actor.open(rules, options)
        return actor

    async def refused(
        self,
        name: str = "A",
        path: str = "/ws",
        *,
        at: Server | str | None = None,
        status: int = 403,
        rules: Sequence[Rule] = (),
        **options: Any,
    ) -> Received:
        """Expect the handshake to be refused with that HTTP status, and return the refusal, body included."""
        self.expected.add(name, SENT, f"GET {path}")
        self.expected.add(name, STATE, f"REFUSED {status}")
        actor = ScriptedClient(self, name, path, at)
        self._actors.append(actor)
        got = await actor.try_open(options)
        for applies, diagnosis in rules:
            if applies(got):
                self.fail(
                    diagnosis,
                    who=name,
                    path=path,
                    got=got,
                    expected=status,
                    status=got.status,
                    log=await self.log_line(),
                )
        if got.nothing:
            raise CheckFailed("no-handshake", waited=True, who=name, path=path, seconds=self.backend.patience)
        if got.status is None:
            self.fail("not-refused", who=name, path=path, status=status)
        if got.status != status:
            self.fail(
                "wrong-status", who=name, path=path, status=got.status, expected=status, log=await self.log_line()
            )
        return got

    async def http(
        self,
        method: str,
        path: str,
        *,
        name: str = "HTTP",
        status: int = 200,
        rules: Sequence[Rule] = (),
        **options: Any,
    ) -> Received:
        """Send one HTTP request to the learner's server, expect that status, and return the response, body included.

        `name` is its lane in the transcripts. `options` are those of `httpx.AsyncClient.request`.
        """
        self.expected.add(name, SENT, f"{method} {path}")
        self.expected.add(name, RECEIVED, f"HTTP {status}")
        address = await self.backend.address()
        self._web.add(name, SENT, f"{method} {path}")
        got = await request(address, method, path, self.backend.patience, options)
        fields = {"who": name, "method": method, "path": path, "got": got, "expected": status, "status": got.status}
        if got.nothing:
            raise CheckFailed("no-response", waited=True, **fields, seconds=self.backend.patience)
        self._web.add(name, RECEIVED, str(got))
        for applies, diagnosis in rules:
            if applies(got):
                self.fail(diagnosis, **fields, log=await self.log_line())
        if got.status != status:
            self.fail("wrong-response", **fields, log=await self.log_line())
        return got

    async def call(self, *args: Any, timeout: float | None = None) -> Called:
        """Run the learner's coroutine function, bounded."""
        return await self.backend.call(*args, timeout=timeout or self.backend.patience * 3)

    async def host(self, app: Any) -> str:
        """Serve an app of the check's own; return the address to hand to the learner's code."""
        return await self.backend.host(app)

    async def log_line(self) -> str:
        """Return the last line that the server logged as an error, worded to end a diagnosis, or nothing."""
        for line in reversed(await self.backend.logs()):
            last = line.strip().splitlines()[-1].strip() if line.strip() else ""
            if last and not last.startswith(("INFO", "File", "During", "Traceback", "WARNING")):
                return f" The server's log ends with: {last[:200]}"
        return ""

    async def all_left(self, diagnosis: str) -> None:
        """Expect that every endpoint ends without an unhandled exception, now that every client has left."""
        deadline = time.monotonic() + _LEAVING_SECONDS
        while await self.backend.running() and time.monotonic() < deadline:
            await asyncio.sleep(0.002)
        await self._log_is_clean(diagnosis)

    async def no_traceback(self, diagnosis: str = "traceback") -> None:
        """Expect that the server logged no unhandled exception."""
        await asyncio.sleep(0.02)
        await self._log_is_clean(diagnosis)

    async def _log_is_clean(self, diagnosis: str) -> None:
        if any("Traceback" in line for line in await self.backend.logs()):
            self.fail(diagnosis, log=await self.log_line())

    @property
    def received(self) -> str:
        """What really crossed the wire, of all clients, in order, as text."""
        if self.overheard.events:
            return str(self.overheard)
        stamped = [entry for actor in self._actors for entry in actor.events()]
        stamped += [(self._web.began + event.at, event) for event in self._web.events]
        return lines([event for _, event in sorted(stamped, key=lambda entry: entry[0])])

    async def close(self) -> None:
        for actor in self._actors:
            await actor.hang_up()


class ScriptedClient:
    """One scripted client."""

    def __init__(self, context: CheckContext, name: str, path: str, at: Server | str | None = None) -> None:
        self.context = context
        self.name = name
        self.path = path
        self._at = at
        self._attempt: connect | None = None
        self._client: Client | None = None

    def events(self) -> list[tuple[float, Event]]:
        """Return what this client recorded, each event with the moment it happened."""
        transcript = self._attempt.recorder.own if self._attempt else Transcript()
        return [(transcript.began + event.at, event) for event in transcript.events]

    @property
    def client(self) -> Client:
        assert self._client is not None, "open() comes first"
        return self._client

    async def open(self, rules: Sequence[Rule], options: dict[str, Any]) -> None:
        self.context.expected.add(self.name, SENT, f"GET {self.path}")
        self.context.expected.add(self.name, RECEIVED, "101 Switching Protocols")
        got = await self.try_open(options)
        if self._client is not None:
            return
        await self._judge(got, rules, expected="the handshake")
        if got.nothing:
            raise CheckFailed(
                "no-handshake", waited=True, who=self.name, path=self.path, seconds=self.context.backend.patience
            )
        name = {403: "no-route", 500: "refused-500"}.get(got.status or 0, "refused")
        self.context.fail(name, path=self.path, status=got.status, who=self.name, log=await self.context.log_line())

    async def try_open(self, options: dict[str, Any]) -> Received:
        address = self._at or await self.context.backend.address()
        options = {"timeout": self.context.backend.patience, **options}
        self._attempt = connect(address, self.path, name=self.name, **options)
        try:
            self._client = await self._attempt
        except Refused as refusal:
            return Received(status=refusal.status, body=refusal.body)
        except WaitTimeout:
            return Received(nothing=True)
        except Closed as closed:
            return Received(code=closed.code, reason=closed.reason)
        return Received()

    async def send(self, payload: str | bytes) -> None:
        """Send one message. A connection that is already gone is noticed by the next wait."""
        self.context.expected.add(self.name, SENT, describe(payload))
        with contextlib.suppress(Closed, WaitTimeout):
            await self.client.send(payload)

    async def send_json(self, value: Any) -> None:
        await self.send(json.dumps(value))

    async def receives(self, payload: str | bytes, *, rules: Sequence[Rule] = ()) -> None:
        """Expect this message next. The first of `rules` that applies to what came instead names the diagnosis."""
        self.context.expected.add(self.name, RECEIVED, describe(payload))
        got = await self.next()
        if payload == (got.text if isinstance(payload, str) else got.data):
            return
        await self._judge(got, rules, expected=show(payload))
        await self._wrong(got, show(payload), wrong_kind=isinstance(payload, str) is not (got.text is not None))

    async def receives_json(self, value: Any, *, rules: Sequence[Rule] = ()) -> None:
        """Expect a text frame whose JSON equals `value`, whatever its spacing and the order of its keys."""
        compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        self.context.expected.add(self.name, RECEIVED, describe(compact))
        got = await self.next()
        if got.text is not None and got.json == value:
            return
        await self._judge(got, rules, expected=show(value))
        await self._wrong(got, show(value), wrong_kind=got.data is not None)

    async def receives_where(
        self, accepts: Callable[[Received], bool], describes: str, *, rules: Sequence[Rule] = ()
    ) -> Received:
        """Expect a message that `accepts` takes, worded for the learner by `describes`, and return it."""
        self.context.expected.add(self.name, RECEIVED, describes)
        got = await self.next()
        if (got.text is not None or got.data is not None) and accepts(got):
            return got
        await self._judge(got, rules, expected=describes)
        await self._wrong(got, describes, wrong_kind=False)
        raise AssertionError("unreachable")

    async def closed(self, code: int, reason: str | None = None, *, rules: Sequence[Rule] = ()) -> None:
        """Expect the server to close with this code, and with this reason unless it is None (RFC 6455 section 7.4)."""
        wanted = f"close code {code}" + (f" {reason!r}" if reason else "")
        self.context.expected.add(self.name, RECEIVED, f"CLOSE {code}" + (f" {reason!r}" if reason else ""))
        got = await self.next()
        if got.code == code and (reason is None or got.reason == reason):
            return
        await self._judge(got, rules, expected=wanted)
        if got.nothing:
            raise CheckFailed(
                "still-open", waited=True, who=self.name, expected=wanted, seconds=self.context.backend.patience
            )
        if got.lost:
            self.context.fail("lost", who=self.name, expected=wanted, log=await self.context.log_line())
        self.context.fail("wrong-close", who=self.name, expected=wanted, got=got)

    async def silent(self, seconds: float = 0.1, *, rules: Sequence[Rule] = ()) -> None:
        """Expect that nothing comes for that long. Prefer a next message as a fence where there is one."""
        self.context.expected.add(self.name, STATE, "NOTHING DUE")
        got = await self.next(seconds)
        if got.nothing:
            return
        await self._judge(got, rules, expected="nothing")
        self.context.fail(
            "lost" if got.lost else "unexpected",
            who=self.name,
            got=got,
            expected="nothing",
            log=await self.context.log_line(),
        )

    async def leaves(self, code: int = 1000, reason: str = "") -> None:
        """Close from the client's side, properly."""
        self.context.expected.add(self.name, SENT, f"CLOSE {code}" + (f" {reason!r}" if reason else ""))
        with contextlib.suppress(Closed, WaitTimeout):
            await self.client.close(code, reason)

    async def aborts(self) -> None:
        """Reset the TCP connection: no close frame, as when the network goes."""
        self.context.expected.add(self.name, STATE, "ABORTED")
        await self.client.abort()

    async def next(self, seconds: float | None = None) -> Received:
        """Wait for whatever comes next, for `seconds` at most."""
        self.client.timeout = seconds or self.context.backend.patience
        try:
            payload = await self.client.recv()
        except WaitTimeout:
            return Received(nothing=True)
        except Closed as closed:
            return Received(code=closed.code, reason=closed.reason)
        finally:
            self.client.timeout = self.context.backend.patience
        return Received(text=payload) if isinstance(payload, str) else Received(data=payload)

    async def hang_up(self) -> None:
        if self._client is not None and self._client.closed is None:
            await self._client.abort()

    async def _judge(self, got: Received, rules: Sequence[Rule], expected: str) -> None:
        for applies, diagnosis in rules:
            if applies(got):
                self.context.fail(
                    diagnosis,
                    who=self.name,
                    path=self.path,
                    got=got,
                    expected=expected,
                    code=got.code,
                    reason=got.reason,
                    status=got.status,
                    seconds=self.context.backend.patience,
                    log=await self.context.log_line(),
                )

    async def _wrong(self, got: Received, expected: str, wrong_kind: bool) -> NoReturn:
        if got.nothing:
            raise CheckFailed(
                "waited", waited=True, who=self.name, expected=expected, seconds=self.context.backend.patience
            )
        if got.closed:
            self.context.fail(
                "lost" if got.lost else "closed",
                who=self.name,
                expected=expected,
                got=got,
                log=await self.context.log_line(),
            )
        self.context.fail("wrong-kind" if wrong_kind else "wrong-frame", who=self.name, expected=expected, got=got)


def describe(payload: str | bytes) -> str:
    """Return a data frame as websockets' debug log writes it, such as `TEXT 'hi' [2 bytes]`."""
    data = payload.encode() if isinstance(payload, str) else payload
    return str(Frame(Opcode.TEXT if isinstance(payload, str) else Opcode.BINARY, data))
