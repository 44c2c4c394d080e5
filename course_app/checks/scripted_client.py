"""One WebSocket client of a check: it sends, and expects what has to come next.

Actions are imperative (`send`, `close`, `abort`); expectations begin with `expect` and raise CheckFailed.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ..client.client import Client, Closed, Refused, WaitTimeout, connect
from ..display.events import RECEIVED, SENT, STATE, Event
from ..display.transcript import Transcript
from .dialogue import Dialogue
from .received import Received, close_frame_line, data_frame_line, show
from .rules import Predicate, Rule

if TYPE_CHECKING:
    from ..serving.server import Server

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
"""The User-Agent of every client of a check, so that an answer learns nothing about a client from its handshake."""
SHOWN = 160  # characters of an expected JSON object that a diagnosis shows
_SILENCE = 0.1  # seconds for which `expect_nothing` listens, unless told otherwise


def never(_got: Received) -> bool:
    """Apply to nothing: no message is skipped."""
    return False


class ScriptedClient:
    """A client called `name` of the endpoint at `path`, on the answer's server or on `server`, one of `workers`.

    `name` is its lane in the transcripts, and the field `who` of a diagnosis.
    """

    def __init__(self, dialogue: Dialogue, name: str, path: str, server: Server | str | None = None) -> None:
        self.dialogue = dialogue
        self.name = name
        self.path = path
        self._server = server
        self._attempt: connect | None = None
        self._connection: Client | None = None

    # The connection

    def events(self) -> list[tuple[float, Event]]:
        """Return what this client recorded: each event with its time on the monotonic clock, in seconds."""
        transcript = self._attempt.recorder.own if self._attempt else Transcript()
        return [(transcript.began + event.at, event) for event in transcript.events]

    @property
    def connection(self) -> Client:
        """The recorded connection below. Only for an accepted handshake."""
        assert self._connection is not None, "try_connect() comes first"
        return self._connection

    @property
    def is_accepted(self) -> bool:
        """Whether the server accepted the handshake."""
        return self._connection is not None

    @property
    def is_open(self) -> bool:
        """Whether the connection has not ended, as far as this client knows."""
        return self._connection is not None and self._connection.closed is None

    async def connect(self, rules: Sequence[Rule], options: dict[str, Any]) -> None:
        """Connect, and expect status 101. `options` are those of `course_app.connect`. Raises CheckFailed."""
        self._expect_line(SENT, f"GET {self.path}")
        self._expect_line(RECEIVED, "101 Switching Protocols")
        got = await self.try_connect(options)
        if self.is_accepted:
            return
        await self._apply_rules(rules, got, "the handshake")
        if got.nothing:
            self.dialogue.fail_waiting("no-handshake", who=self.name, path=self.path)
        name = {403: "no-route", 500: "refused-500"}.get(got.status or 0, "refused")
        await self.dialogue.fail_for(got, name, who=self.name, path=self.path)

    async def try_connect(self, options: dict[str, Any]) -> Received:
        """Connect, and return what came of the handshake: an HTTP response, a close, nothing, or acceptance."""
        server = self._server or await self.dialogue.backend.address()
        options = {"timeout": self.dialogue.patience, "user_agent_header": BROWSER, **options}
        self._attempt = connect(server, self.path, name=self.name, **options)
        try:
            self._connection = await self._attempt
        except Refused as refusal:
            return Received(status=refusal.status, body=refusal.body)
        except WaitTimeout:
            return Received(nothing=True)
        except Closed as closed:
            return Received(code=closed.code, reason=closed.reason)
        return Received()

    # Actions

    async def send(self, payload: str | bytes) -> None:
        """Send one message: str as a text frame, bytes as a binary one.

        A connection that has ended already is noticed by the next wait, which says so better.
        """
        self._expect_line(SENT, data_frame_line(payload))
        with contextlib.suppress(Closed, WaitTimeout):
            await self.connection.send(payload)

    async def send_json(self, value: Any) -> None:
        """Send `value` as JSON in one text frame."""
        await self.send(json.dumps(value, ensure_ascii=False))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Send a close frame, and wait for the server's (RFC 6455 section 7.1.2)."""
        self._expect_line(SENT, close_frame_line(code, reason))
        with contextlib.suppress(Closed, WaitTimeout):
            await self.connection.close(code, reason)

    async def abort(self) -> None:
        """Reset the TCP connection: no close frame is sent, as when the network is lost."""
        self._expect_line(STATE, "ABORTED")
        with contextlib.suppress(OSError):  # the server has cut the connection already
            await self.connection.abort()

    async def abort_if_open(self) -> None:
        """Reset the TCP connection where it is still open; the expected transcript does not mention it."""
        if self.is_open:
            await self.connection.abort()

    def stop_reading(self) -> None:
        """Read nothing more from the socket, so that the server's sends meet backpressure."""
        self.connection.stop_reading()

    def resume_reading(self) -> None:
        """Read from the socket again."""
        self.connection.resume_reading()

    async def receive(self, seconds: float | None = None) -> Received:
        """Return whatever comes next within `seconds`, by default within the backend's patience."""
        self.connection.timeout = seconds or self.dialogue.patience
        try:
            payload = await self.connection.recv()
        except WaitTimeout:
            return Received(nothing=True)
        except Closed as closed:
            return Received(code=closed.code, reason=closed.reason)
        finally:
            self.connection.timeout = self.dialogue.patience
        return Received(text=payload) if isinstance(payload, str) else Received(data=payload)

    # Expectations

    async def expect(self, payload: str | bytes, *, rules: Sequence[Rule] = ()) -> None:
        """Expect exactly this message next: str as a text frame, bytes as a binary one.

        Raises CheckFailed with the diagnosis of the first rule that applies to what came instead,
        or with `waited`, `lost`, `closed`, `wrong-kind` or `wrong-frame`.
        """
        self._expect_line(RECEIVED, data_frame_line(payload))
        got = await self.receive()
        if payload == (got.text if isinstance(payload, str) else got.data):
            return
        await self._apply_rules(rules, got, show(payload))
        await self._fail(got, show(payload), wrong_kind=isinstance(payload, str) is not (got.text is not None))

    async def expect_json(self, value: Any, *, exact: bool = False, rules: Sequence[Rule] = ()) -> None:
        """Expect a text frame whose JSON equals `value`, whatever its spacing and the order of its keys.

        An object may have other keys too, unless `exact`: a task that forbids them says so.
        A number is no boolean, although Python calls `True == 1`. Raises CheckFailed as `expect` does.
        """
        self._expect_line(RECEIVED, data_frame_line(_compact(value)))
        got = await self.receive()
        if got.text is not None and json_matches(got.json, value, exact):
            return
        await self._apply_rules(rules, got, show(value))
        await self._fail(got, show(value), wrong_kind=got.data is not None)

    async def expect_object(
        self, fields: dict[str, Any], *, skip: Predicate = never, rules: Sequence[Rule] = ()
    ) -> Received:
        """Expect a text frame with a JSON object that has all of `fields`, and return it; it may have other keys too.

        Messages that meet `skip`, and no rule, are passed over.
        Raises CheckFailed as `expect` does.
        """
        text = _compact(fields)
        wanted = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        self._expect_line(RECEIVED, data_frame_line(text))
        while True:
            got = await self.receive()
            found = got.json_object
            if all(key in found and found[key] == value for key, value in fields.items()):
                return got
            await self._apply_rules(rules, got, wanted)
            if not skip(got):
                await self._fail(got, wanted)

    async def expect_where(self, accepts: Predicate, description: str, *, rules: Sequence[Rule] = ()) -> Received:
        """Expect a message that `accepts` returns true for, and return it.

        `description` words it in the expected transcript and for the learner.
        Raises CheckFailed as `expect` does.
        """
        self._expect_line(RECEIVED, description)
        got = await self.receive()
        if got.is_message and accepts(got):
            return got
        await self._apply_rules(rules, got, description)
        await self._fail(got, description)

    async def expect_close(
        self, code: int, reason: str | None = None, *, skip: Predicate = never, rules: Sequence[Rule] = ()
    ) -> list[Received]:
        """Expect the server to close with this code, and with this reason unless it is None (RFC 6455 section 7.4).

        Messages that meet `skip`, and no rule, are passed over, and returned in order.
        Raises CheckFailed with the diagnosis of the first rule that applies, or with `still-open`, `lost` or
        `wrong-close`.
        """
        wanted = f"close code {code}" + (f" {reason!r}" if reason else "")
        self._expect_line(RECEIVED, close_frame_line(code, reason or ""))
        skipped: list[Received] = []
        while True:
            got = await self.receive()
            if got.code == code and (reason is None or got.reason == reason):
                return skipped
            await self._apply_rules(rules, got, wanted)
            if not skip(got):
                break
            skipped.append(got)
        if got.nothing:
            self.dialogue.fail_waiting("still-open", who=self.name, expected=wanted)
        await self.dialogue.fail_for(got, "lost" if got.lost else "wrong-close", who=self.name, expected=wanted)

    async def expect_nothing(self, seconds: float = _SILENCE, *, rules: Sequence[Rule] = ()) -> None:
        """Expect that nothing comes for that many seconds.

        Where a later message shows the same, expect that one instead: it costs no waiting.
        Raises CheckFailed with the diagnosis of the first rule that applies, or with `lost` or `unexpected`.
        """
        self._expect_line(STATE, "NOTHING DUE")
        got = await self.receive(seconds)
        if got.nothing:
            return
        await self._apply_rules(rules, got, "nothing")
        await self.dialogue.fail_for(got, "lost" if got.lost else "unexpected", who=self.name, expected="nothing")

    # How an expectation fails

    def _expect_line(self, mark: str, text: str) -> None:
        self.dialogue.expected.add(self.name, mark, text)

    async def _apply_rules(self, rules: Sequence[Rule], got: Received, expected: str) -> None:
        await self.dialogue.apply_rules(rules, got, who=self.name, path=self.path, expected=expected)

    async def _fail(self, got: Received, expected: str, wrong_kind: bool = False) -> NoReturn:
        if got.nothing:
            self.dialogue.fail_waiting("waited", who=self.name, expected=expected)
        if got.closed:
            await self.dialogue.fail_for(got, "lost" if got.lost else "closed", who=self.name, expected=expected)
        name = "wrong-kind" if wrong_kind else "wrong-frame"
        await self.dialogue.fail_for(got, name, who=self.name, expected=expected)


def json_matches(got: Any, value: Any, exact: bool = False) -> bool:
    """Return whether the JSON value `got` is `value`; an object may have other keys too, unless `exact`."""
    if isinstance(got, dict) and isinstance(value, dict) and not exact:
        got = {key: got[key] for key in got if key in value}
    return bool(got == value) and json.dumps(got, sort_keys=True) == json.dumps(value, sort_keys=True)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
