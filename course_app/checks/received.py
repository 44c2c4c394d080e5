"""What a client got when it waited: a frame, a close, an HTTP response, or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from websockets.frames import Frame, Opcode

SHOWN = 60  # characters of a payload that a diagnosis shows
SHOWN_BODY = 200  # characters of a response's body that a diagnosis shows


@dataclass(frozen=True)
class Received:
    """One thing that came, or did not.

    Exactly one of these is set: `text`, `data` (bytes), `code` with `reason` (the connection ended), `status` with
    `body` and `content_type` (an HTTP response), `nothing` (the wait ended first).
    None of them is set where a handshake was accepted.
    """

    text: str | None = None
    data: bytes | None = None
    code: int | None = None
    reason: str = ""
    status: int | None = None
    body: bytes = b""
    content_type: str = ""
    nothing: bool = False

    @property
    def closed(self) -> bool:
        """Whether the connection ended, with a close frame or without one."""
        return self.code is not None

    @property
    def lost(self) -> bool:
        """Whether the connection ended without a close frame (code 1006, RFC 6455 section 7.1.5)."""
        return self.code == 1006

    @property
    def is_message(self) -> bool:
        """Whether a data frame came, text or binary."""
        return self.text is not None or self.data is not None

    @property
    def accepted(self) -> bool:
        """Whether this is the outcome of a handshake that the server accepted."""
        return self.status is None and not self.nothing and not self.closed and not self.is_message

    @property
    def json(self) -> Any:
        """The text, or the response's body, as JSON; None where it is none."""
        try:
            return json.loads(self.text or self.body)
        except (ValueError, RecursionError):  # no JSON; numbers of too many digits; too many brackets
            return None

    @property
    def json_object(self) -> dict[str, Any]:
        """The text, or the response's body, as a JSON object; an empty dict where it is none."""
        value = self.json
        return value if isinstance(value, dict) else {}

    @property
    def body_text(self) -> str:
        """The response's body as a diagnosis words it, shortened to `SHOWN_BODY` characters."""
        return self.body.decode(errors="replace")[:SHOWN_BODY] or "nothing"

    def __str__(self) -> str:
        """Return what came as a diagnosis words it."""
        if self.text is not None or self.data is not None:
            return show(self.text if self.text is not None else self.data)
        if self.closed:
            return f"close code {self.code}" + (f" {self.reason!r}" if self.reason else "")
        return f"HTTP {self.status}" if self.status else "nothing"


def show(payload: Any) -> str:
    """Return a frame's payload as a diagnosis words it, shortened to `SHOWN` characters or 16 bytes."""
    if isinstance(payload, bytes):
        return f"binary {payload[:16].hex(' ')}{' …' if len(payload) > 16 else ''}"
    rendered = repr(payload)
    return rendered if len(rendered) <= SHOWN else f"{rendered[:SHOWN]}… [{len(payload)} characters]"


def data_frame_line(payload: str | bytes) -> str:
    """Return a data frame as websockets' debug log writes it, such as `TEXT 'hi' [2 bytes]`."""
    data = payload.encode() if isinstance(payload, str) else payload
    return str(Frame(Opcode.TEXT if isinstance(payload, str) else Opcode.BINARY, data))


def close_frame_line(code: int, reason: str = "") -> str:
    """Return a close frame as a transcript of a check writes it, such as `CLOSE 4001 'bye'`."""
    return f"CLOSE {code}" + (f" {reason!r}" if reason else "")
