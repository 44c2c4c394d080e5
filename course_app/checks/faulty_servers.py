"""A server of ours that plays right and wrong parts, so that a learner's test can be put on trial."""

from __future__ import annotations

import asyncio
import itertools
import string
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NoReturn

from fastapi import WebSocket

from ..display.transcript import RECEIVED, SENT, STATE, Transcript
from .backend import Called
from .context import CheckContext, describe

Behaviour = Callable[[WebSocket], Awaitable[None]]
STEP = 0.01  # seconds; quiet is counted in steps, so that a machine that stood still does not end it
SHOWN = 24  # lines of a dialogue that a diagnosis shows
LIMIT = 1.5  # seconds that a test may take with one server, at least


class Session:
    """One part, played to one run of the test: who connected, and what they said to each other."""

    def __init__(self, part: Behaviour) -> None:
        self.part = part
        self.heard = Transcript()
        self.quiet = 0
        self.over = asyncio.Event()
        self._lanes = itertools.cycle(string.ascii_uppercase)

    def note(self, lane: str, mark: str, text: str) -> None:
        """Write down one line, unless the dialogue is long enough to tell what is wrong."""
        if len(self.heard.events) < SHOWN:
            self.heard.add(lane, mark, text)

    async def play(self, scope: Any, receive: Any, send: Any) -> None:
        """Play the part to one client, until it ends or the trial does: then the connection is dropped."""
        lane = next(self._lanes)
        self.note(lane, SENT, "GET " + scope["path"] + ("?" + scope["query_string"].decode()).rstrip("?"))

        async def hear() -> Any:
            message = await receive()
            self.quiet = 0
            if message["type"] == "websocket.receive":
                self.note(lane, SENT, describe(_payload(message)))
            elif message["type"] == "websocket.disconnect":
                self.note(lane, STATE, "GONE")
            return message

        async def say(message: Any) -> None:
            self.quiet = 0
            self.note(lane, RECEIVED, _said(message))
            await send(message)

        acting = asyncio.ensure_future(self.part(WebSocket(scope, hear, say)))
        over = asyncio.ensure_future(self.over.wait())
        await asyncio.wait((acting, over), return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if acting.done():
            acting.result()
        acting.cancel()
        await asyncio.wait((acting,))

    async def end_when_quiet(self, seconds: float) -> None:
        """Drop every client once nobody has said anything for that long: a test need not wait for its time-out."""
        while self.quiet * STEP < seconds:
            self.quiet += 1
            await asyncio.sleep(STEP)
        self.over.set()


class FaultyServer:
    """An ASGI app whose `/ws` plays whatever part is on."""

    session: Session

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        if scope["path"] != "/ws":
            await receive()
            await send({"type": "websocket.close"})
            return
        await self.session.play(scope, receive, send)


def _payload(message: Any) -> str | bytes:
    text = message.get("text")
    return text if text is not None else message["bytes"]


def _said(message: Any) -> str:
    if message["type"] == "websocket.send":
        return describe(_payload(message))
    if message["type"] == "websocket.close":
        return f"CLOSE {message.get('code', 1000)}" + (f" {message['reason']!r}" if message.get("reason") else "")
    return "101 Switching Protocols" if message["type"] == "websocket.accept" else str(message["type"])


async def run_against_servers(
    context: CheckContext,
    *,
    right: Sequence[Callable[[], Behaviour]],
    wrong: Mapping[str, Callable[[], Behaviour]],
    slow: Sequence[Callable[[], Behaviour]] = (),
    patient: bool = False,
) -> None:
    """Run the learner's test against every server, in random order. It has to pass the right and fail the wrong ones.

    `wrong` maps a diagnosis to the server that it names; the first one that got through is told.
    A right server that fails the test gets a second chance, since a busy machine may have been the cause.
    Unless the check is `patient`, a wrong server that has fallen silent drops its clients after a moment.
    """
    server_app = FaultyServer()
    address = await context.host(server_app)
    quiet = None if patient else context.backend.patience / 8

    async def runs(make: Callable[[], Behaviour], quiet: float | None) -> tuple[Called, Session]:
        session = server_app.session = Session(make())
        clock = asyncio.ensure_future(session.end_when_quiet(quiet)) if quiet else None
        try:
            called = await context.call(address, timeout=max(LIMIT, context.backend.patience * 1.5))
        finally:
            if clock:
                clock.cancel()
            session.over.set()
        if called.timed_out:
            _tell(context, "hangs", called, session)
        return called, session

    unjust: dict[str, tuple[Called, Session]] = {}
    through: dict[str, tuple[Called, Session]] = {}
    rounds = [(make, "right-failed") for make in right] + [(make, "too-strict") for make in slow]
    rounds += [(make, diagnosis) for diagnosis, make in wrong.items()]
    context.random.shuffle(rounds)
    for make, diagnosis in rounds:
        if diagnosis in wrong:
            called, session = await runs(make, quiet)
            if not called.error:
                through[diagnosis] = called, session
        elif (await runs(make, None))[0].error:
            called, session = await runs(make, None)
            if called.error:
                unjust[diagnosis] = called, session
    for diagnosis in ("right-failed", "too-strict"):
        if diagnosis in unjust:
            _tell(context, diagnosis, *unjust[diagnosis])
    for diagnosis in wrong:
        if diagnosis in through:
            name = "everything" if len(through) == len(wrong) else diagnosis
            _tell(context, name, *through[diagnosis])


def _tell(context: CheckContext, diagnosis: str, called: Called, session: Session) -> NoReturn:
    context.overheard = session.heard
    error = f"{called.error}: {called.detail}" if called.detail else called.error
    context.fail(diagnosis, error=error, seconds=called.seconds)
