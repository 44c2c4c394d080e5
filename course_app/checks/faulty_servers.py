"""A learner's test, run against right servers, which it has to pass, and wrong ones, which it has to fail."""

from __future__ import annotations

import asyncio
import itertools
import string
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
LIMIT = 1.5  # seconds that a test may take with one server, at least


class Session:
    """One behaviour, for one run of the test: who connected, and what they and the server said."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.transcript = Transcript()
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
            self._quiet_steps = 0
            if message["type"] == "websocket.receive":
                self._note(lane, SENT, data_frame_line(_payload(message)))
            elif message["type"] == "websocket.disconnect":
                self._note(lane, STATE, "GONE")
            return message

        async def noted_send(message: Any) -> None:
            self._quiet_steps = 0
            self._note(lane, RECEIVED, _sent_line(message))
            await send(message)

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
            await asyncio.sleep(STEP)
        self.end()

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
    text = message.get("text")
    return text if text is not None else message["bytes"]


def _sent_line(message: Any) -> str:
    if message["type"] == "websocket.send":
        return data_frame_line(_payload(message))
    if message["type"] == "websocket.close":
        return close_frame_line(message.get("code", 1000), message.get("reason") or "")
    return "101 Switching Protocols" if message["type"] == "websocket.accept" else str(message["type"])


@dataclass(frozen=True)
class RunResult:
    """What came of the learner's test with one server: what it returned or raised, and the dialogue."""

    called: Called
    transcript: Transcript

    @property
    def test_passed(self) -> bool:
        """Whether the learner's test raised nothing."""
        return not self.called.error

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
    wrong: Mapping[str, MakeBehaviour],
    slow: Sequence[MakeBehaviour] = (),
    patient: bool = False,
) -> None:
    """Run the learner's test against every server, in random order. It has to pass the right and fail the wrong ones.

    `wrong` maps a diagnosis to the server that it names. `slow` are right servers that take their time.
    A right server that fails the test gets a second chance, since a busy machine may have been the cause.
    Unless the check is `patient`, a wrong server that has fallen silent drops its clients after a moment.
    Raises CheckFailed: with `hangs` where the test did not end in time, with `right-failed` or `too-strict` where it
    failed a right or a slow server, with `everything` where it passed all wrong ones, and else with the diagnosis of
    the first wrong one that it passed. Raises AnswerUnusable where the test is no coroutine function.
    """
    server_app = FaultyServer()
    address = await context.host(server_app)
    quiet = None if patient else context.patience / 8
    failed: dict[str, RunResult] = {}
    passed: dict[str, RunResult] = {}
    rounds = [(make, "right-failed") for make in right] + [(make, "too-strict") for make in slow]
    rounds += [(make, diagnosis) for diagnosis, make in wrong.items()]
    context.random.shuffle(rounds)
    for make, diagnosis in rounds:
        if diagnosis in wrong:
            result = await _run_test(context, server_app, address, make(), quiet)
            if result.test_passed:
                passed[diagnosis] = result
        elif not (await _run_test(context, server_app, address, make())).test_passed:
            result = await _run_test(context, server_app, address, make())
            if not result.test_passed:
                failed[diagnosis] = result
    for diagnosis in ("right-failed", "too-strict"):
        if diagnosis in failed:
            failed[diagnosis].fail(context, diagnosis)
    for diagnosis in wrong:
        if diagnosis in passed:
            passed[diagnosis].fail(context, "everything" if len(passed) == len(wrong) else diagnosis)


async def _run_test(
    context: CheckContext, server_app: FaultyServer, address: str, behaviour: Behaviour, quiet: float | None = None
) -> RunResult:
    """Run the learner's test against one behaviour, which ends after `quiet` seconds of silence unless None."""
    session = server_app.session = Session(behaviour)
    clock = asyncio.ensure_future(session.end_when_quiet(quiet)) if quiet else None
    try:
        called = await context.call(address, timeout=max(LIMIT, context.patience * 1.5))
    finally:
        if clock:
            clock.cancel()
        session.end()
    result = RunResult(called, session.transcript)
    if called.timed_out:
        result.fail(context, "hangs")
    return result
