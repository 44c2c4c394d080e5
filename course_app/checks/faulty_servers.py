"""A learner's test, run against right servers, which it has to pass, and wrong ones, which it has to fail."""

from __future__ import annotations

import asyncio
import itertools
import math
import string
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NoReturn

from fastapi import WebSocket

from ..display.events import RECEIVED, SENT, STATE
from ..display.transcript import Transcript
from .backend import Called
from .context import CheckContext
from .received import close_frame_line, data_frame_line

Behaviour = Callable[[WebSocket], Awaitable[None]]
"""How a server treats one connection: an endpoint, as FastAPI calls it."""

MakeBehaviour = Callable[[], Behaviour]
"""Returns the behaviour for one run of the test, with fresh state."""

STEP = 0.01  # seconds; quiet is counted in steps, so that a machine that stood still does not end it
SHOWN = 24  # lines of a dialogue that a diagnosis shows
LIMIT = 5.0  # seconds that a test may take with one server, at least
QUIET = 2.5  # seconds of silence after which a server drops its clients, at least; longer than `connect` waits

FAULT = "the server has done something wrong"
"""The mark that a wrong server sets as soon as it departs from the contract."""

ACCEPTED = "101 Switching Protocols"

MISTAKES = {
    "Refused": "right-refused",
    "Closed": "right-closed",
    "WaitTimeout": "right-silent",
    "TimeoutError": "right-silent",
    **dict.fromkeys(
        ("NameError", "UnboundLocalError", "AttributeError", "TypeError", "IndexError", "KeyError", "ValueError"),
        "test-broken",
    ),
}
"""The diagnosis of a test that raised this with a right server, by the name of the exception's class."""

_SESSION = "course_app.session"  # key of the ASGI scope


def mark(websocket: WebSocket, what: str = FAULT) -> None:
    """Note that the server of this connection has done `what`, for `RunResult.marks`."""
    websocket.scope[_SESSION].marks.add(what)


class Session:
    """One behaviour, for one run of the test: who connected, and what they and the server said."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.transcript = Transcript()
        self.marks: set[str] = set()
        self.longest_quiet = 0.0  # seconds
        self._quiet_steps = 0
        self._over = asyncio.Event()
        self._lanes = itertools.cycle(string.ascii_uppercase)

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Treat one connection (ASGI: scope, receive, send) until the behaviour returns or the session is over.

        A connection whose behaviour still runs then is dropped. Raises what the behaviour raised.
        """
        lane = next(self._lanes)
        self._note(lane, SENT, "GET " + scope["path"] + ("?" + scope["query_string"].decode()).rstrip("?"))

        async def noted_receive() -> Any:
            message = await receive()
            self._heard()
            if message["type"] == "websocket.receive":
                self._note(lane, SENT, data_frame_line(_payload(message)))
            elif message["type"] == "websocket.disconnect":
                self._note(lane, STATE, "GONE")
            return message

        async def noted_send(message: Any) -> None:
            self._heard()
            self._note(lane, RECEIVED, _sent_line(message))
            await send(message)

        scope = {**scope, _SESSION: self}
        serving = asyncio.ensure_future(self.behaviour(WebSocket(scope, noted_receive, noted_send)))
        over = asyncio.ensure_future(self._over.wait())
        await asyncio.wait((serving, over), return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if serving.done():
            serving.result()
        serving.cancel()
        await asyncio.wait((serving,))

    def end(self) -> None:
        """Drop every connection that is still being served."""
        self._over.set()

    async def end_when_quiet(self, seconds: float) -> None:
        """End once nobody has said anything for that long, so that a test need not wait for its own time-out."""
        while self._quiet_steps * STEP < seconds:
            self._quiet_steps += 1
            self.longest_quiet = max(self.longest_quiet, self._quiet_steps * STEP)
            await asyncio.sleep(STEP)
        self.end()

    def _heard(self) -> None:
        """Count quiet anew: somebody has said something."""
        self._quiet_steps = 0

    def _note(self, lane: str, mark: str, text: str) -> None:
        """Write down one line, unless the dialogue is long enough to show what is wrong."""
        if len(self.transcript.events) < SHOWN:
            self.transcript.add(lane, mark, text)


class FaultyServer:
    """An ASGI app whose WebSocket `/ws` behaves as the current session says; any other path is refused with 403."""

    session: Session

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection (ASGI specification, "WebSocket"). HTTP requests get no response."""
        if scope["type"] != "websocket":
            return
        if scope["path"] != "/ws":
            await receive()
            await send({"type": "websocket.close"})
            return
        await self.session.serve(scope, receive, send)


def _payload(message: Any) -> str | bytes:
    payload: str | bytes = message["bytes"] if message.get("text") is None else message["text"]
    return payload


def _sent_line(message: Any) -> str:
    if message["type"] == "websocket.send":
        return data_frame_line(_payload(message))
    if message["type"] == "websocket.close":
        return close_frame_line(message.get("code", 1000), message.get("reason") or "")
    return ACCEPTED if message["type"] == "websocket.accept" else str(message["type"])


@dataclass(frozen=True)
class RunResult:
    """What came of the learner's test with one server: what it returned or raised, the dialogue, the server's marks."""

    called: Called
    transcript: Transcript
    marks: Set[str]
    longest_quiet: float

    @property
    def test_passed(self) -> bool:
        """Whether the learner's test raised nothing."""
        return not self.called.error

    @property
    def mistake(self) -> str:
        """The diagnosis of a test that failed a right server."""
        if self.called.error in MISTAKES:
            return MISTAKES[self.called.error]
        lines = [event.text for event in self.transcript.events]
        silent = lines[1:2] == [ACCEPTED] and not any(line.startswith(("TEXT", "BINARY")) for line in lines)
        return "nothing-said" if silent and self.called.error == "AssertionError" else "right-failed"

    def fail(self, context: CheckContext, diagnosis: str) -> NoReturn:
        """End the check with that diagnosis, and show this dialogue as what was received. Raises CheckFailed."""
        context.hosted_transcript = self.transcript
        called = self.called
        error = f"{called.error}: {called.detail}" if called.detail else called.error
        context.fail(diagnosis, error=error, seconds=called.seconds)


async def run_against_servers(
    context: CheckContext,
    *,
    right: Sequence[MakeBehaviour],
    wrong: Mapping[str, Sequence[MakeBehaviour]],
    slow: Sequence[MakeBehaviour] = (),
    patient: bool = False,
) -> dict[str, list[RunResult]]:
    """Run the learner's test against every server, and return what came of it with the wrong ones, by diagnosis.

    The test has to pass the right servers, and to fail each wrong one after that one has set the mark `FAULT`.
    The right servers come first, and once more among the wrong ones, in random order.
    `wrong` maps a diagnosis to servers with that fault. `slow` are right servers that take their time.
    Right and wrong servers treat a silent client alike. Unless the check is `patient`, a wait of `connect` is short
    where the test gives no timeout, and a server drops its clients once it was quiet for much longer than the right one
    was. A right server that fails the test gets a second chance without that, since a busy machine may be the cause.
    Raises CheckFailed: with `hangs` where the test did not end in time, with `right-failed`, `nothing-said` or one of
    MISTAKES where it failed a right server, with `too-strict` where it failed a slow one, with `everything` where it
    passed all wrong ones, with the diagnosis of the first wrong one that it passed, and with `unprovoked` where it
    failed a wrong one that had not shown its fault.
    Raises AnswerUnusable where the test is no coroutine function.
    """
    trial = _Trial(context, await context.host(server_app := FaultyServer()), server_app, patient)
    for make in right:
        await trial.run_right(make, "right-failed")
    for make in slow:
        await trial.run_right(make, "too-strict")
    rounds = [(make, "") for make in right]
    rounds += [(make, diagnosis) for diagnosis, group in wrong.items() for make in group]
    context.random.shuffle(rounds)
    results: dict[str, list[RunResult]] = {diagnosis: [] for diagnosis in wrong}
    for make, diagnosis in rounds:
        if diagnosis:
            results[diagnosis].append(await trial.run(make()))
        else:
            await trial.run_right(make, "right-failed")
    _judge(context, results)
    return results


def _judge(context: CheckContext, results: Mapping[str, Sequence[RunResult]]) -> None:
    """Raise CheckFailed unless the test failed every wrong server because of its fault."""
    every = [result for group in results.values() for result in group]
    nothing_fails = all(result.test_passed for result in every)
    for diagnosis, group in results.items():
        for result in group:
            if result.test_passed:
                result.fail(context, "everything" if nothing_fails else diagnosis)
    for result in every:
        if FAULT not in result.marks:
            result.fail(context, "unprovoked")


class _Trial:
    """The learner's test and the address at which it meets one server after another."""

    def __init__(self, context: CheckContext, address: str, server_app: FaultyServer, patient: bool) -> None:
        self._context, self._address, self._server_app = context, address, server_app
        self._wait = None if patient else context.patience / 6
        self._quiet = math.inf if patient else max(QUIET, context.patience)

    async def run_right(self, make: MakeBehaviour, diagnosis: str) -> None:
        """Run the test against a right server, twice where it fails. Raises CheckFailed with `diagnosis`."""
        result = await self.run(make())
        if not result.test_passed:
            self._wait = None
            result = await self.run(make(), math.inf)
        if not result.test_passed:
            result.fail(self._context, result.mistake if diagnosis == "right-failed" else diagnosis)
        if result.longest_quiet > self._quiet / 2:
            self._quiet = result.longest_quiet * 2

    async def run(self, behaviour: Behaviour, quiet: float | None = None) -> RunResult:
        """Run the test against one behaviour, which ends after `quiet` seconds of silence. Raises CheckFailed."""
        session = self._server_app.session = Session(behaviour)
        clock = asyncio.ensure_future(session.end_when_quiet(quiet or self._quiet))
        limit = max(LIMIT, self._context.patience * 1.5)
        try:
            called = await self._context.call(self._address, timeout=limit, wait=self._wait)
        finally:
            clock.cancel()
            session.end()
        result = RunResult(called, session.transcript, session.marks, session.longest_quiet)
        if called.timed_out:
            result.fail(self._context, "hangs")
        return result
