"""What a client got when it waited: a frame, a close, a refusal, or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

SHOWN = 60


@dataclass(frozen=True)
class Received:
    """One thing that came, or did not.

    Exactly one of these is set: `text`, `data` (bytes), `code` with `reason` (closed), `status` with `body` (an HTTP
    response), `nothing`.
    """

    text: str | None = None
    data: bytes | None = None
    code: int | None = None
    reason: str = ""
    status: int | None = None
    body: bytes = b""
    nothing: bool = False

    @property
    def closed(self) -> bool:
        return self.code is not None

    @property
    def lost(self) -> bool:
        """The connection ended without a close frame (RFC 6455 section 7.1.5)."""
        return self.code == 1006

    @property
    def json(self) -> Any:
        """The text, or the response's body, as JSON; None where it is none."""
        try:
            return json.loads(self.text or self.body)
        except ValueError:
            return None

    def __str__(self) -> str:
        if self.text is not None or self.data is not None:
            return show(self.text if self.text is not None else self.data)
        if self.closed:
            return f"close code {self.code}" + (f" {self.reason!r}" if self.reason else "")
        return f"HTTP {self.status}" if self.status else "nothing"


def show(payload: Any) -> str:
    """Return a frame's payload as a diagnosis words it, shortened."""
    if isinstance(payload, bytes):
        return f"binary {payload[:16].hex(' ')}{' …' if len(payload) > 16 else ''}"
    rendered = repr(payload)
    return rendered if len(rendered) <= SHOWN else f"{rendered[:SHOWN]}… [{len(payload)} characters]"
