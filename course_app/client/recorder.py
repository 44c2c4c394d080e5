"""Record a client's frames from websockets' debug log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from websockets.asyncio.client import ClientConnection
from websockets.frames import Close, Frame, Opcode

from ..display.events import KEEPALIVE, RECEIVED, SENT, STATE, Event
from ..display.transcript import Transcript

if TYPE_CHECKING:
    from ..serving.server import Server


class _Tap(logging.Logger):
    """Passes each message on without a LogRecord, which costs more than a frame.

    It is not in logging's registry, so it dies with its client.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__("course.client", logging.DEBUG)
        self.recorder = recorder

    def log(self, level: int, msg: object, *args: object, **_: object) -> None:  # noqa: ARG002 - the level is that of websockets
        """Pass one message on; websockets' own adapter calls this for all of them."""
        self.recorder.take(str(msg), args)


class Recorder:
    """Records one client's frames, in its own transcript and in that of its server.

    websockets logs each frame at DEBUG level when it crosses the wire, control frames of either side included
    (websockets documentation, "Logging"). So the server's pings are recorded as well.
    """

    def __init__(self, lane: str, server: Server | None) -> None:
        self.lane = lane
        self.own = Transcript()
        self._server = server
        self._log_mark = server.logs.mark() if server else 0
        self.logger = _Tap(self)

    def add(self, mark: str, text: str) -> Event:
        """Record an event of this client."""
        if self._server:
            self._server.transcript.add(self.lane, mark, text)
        return self.own.add(self.lane, mark, text)

    def hint(self, code: int) -> str:
        """Return the last error in the server's log for a connection that ended with `code`, or an empty text."""
        if code not in (500, 1006, 1011) or not self._server:
            return ""
        error = self._server.logs.last_error(self._log_mark)
        return f"; the server's log says: {error} (more in server.logs)" if error else ""

    def take(self, template: str, values: tuple[object, ...]) -> None:
        """Record one message of websockets' log, where it is a frame or a line of the handshake."""
        if template in ("> %s", "< %s") and values and isinstance(values[0], Frame):
            self._frame(template[0], values[0])
        elif template.startswith("> GET"):
            self.add(SENT, f"GET {values[0]}")
        elif template.startswith("< HTTP/1.1"):
            self.add(RECEIVED, f"{values[0]} {values[1]}".rstrip())

    def _frame(self, direction: str, frame: Frame) -> None:
        if frame.opcode in (Opcode.PING, Opcode.PONG):  # their payload is random
            self.add(KEEPALIVE, f"{frame.opcode.name} {'sent' if direction == SENT else 'received'}")
        elif frame.opcode is Opcode.CLOSE:
            self.add(direction, f"CLOSE {Close.parse(bytes(frame.data))}".removesuffix(" [internal]"))
        else:
            self.add(direction, str(frame))


class LoggedConnection(ClientConnection):
    """A connection that records its end when the transport is gone, which is the only certain moment."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Record the close code and reason."""
        super().connection_lost(exc)
        logger = getattr(self.protocol.logger, "logger", None)
        if isinstance(logger, _Tap) and self.response is not None and self.response.status_code == 101:
            end = describe_close(self.close_code or 1006, self.close_reason or "")
            logger.recorder.add(STATE, f"CLOSED {end}")


def describe_close(code: int, reason: str) -> str:
    """Return for example `1000 (OK)` or `4001 (private use) bye`."""
    if code == 1006:
        return "1006 (connection lost)"
    return str(Close(code, reason)).replace(" [internal]", "")
