"""One event on a connection, the marks of events, and events as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

SENT, RECEIVED, KEEPALIVE, STATE = ">", "<", "%", "="
"""The marks of websockets' debug log (websockets documentation, "Logging")."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened on a connection.

    lane: the client's name. mark: `>` sent by the client, `<` received by it, `%` ping or pong, `=` state.
    text: what happened, without ports, times or random bytes. at: seconds since the transcript began.
    """

    lane: str
    mark: str
    text: str
    at: float = field(default=0.0, compare=False)

    def __str__(self) -> str:
        """Return the event as it stands in a transcript of one lane."""
        return f"{self.mark} {self.text}"


def lines(events: Sequence[Event]) -> str:
    """Return one line per event; with more than one lane, each begins with the lane's name, padded."""
    names = {event.lane for event in events}
    if len(names) < 2:
        return "\n".join(map(str, events))
    width = max(map(len, names))
    return "\n".join(f"{event.lane:<{width}} {event}" for event in events)
