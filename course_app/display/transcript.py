"""The ordered record of what crossed the wire, as text."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .diagram import Diagram
    from .live import Live

SENT, RECEIVED, KEEPALIVE, STATE = ">", "<", "%", "="


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


class Transcript:
    """Events of one or more clients, in the order in which they happened.

    `str(transcript)` is the same on every machine: it holds no port, no time and no random byte.
    The marks are those of websockets' debug log (websockets documentation, "Logging").
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.began = time.monotonic()
        self.live_one: Live | None = None  # the diagram that follows, where one is displayed

    def add(self, lane: str, mark: str, text: str) -> Event:
        """Append an event to the client `lane` and return it."""
        event = Event(lane, mark, text, time.monotonic() - self.began)
        self.events.append(event)
        if self.live_one is not None:
            self.live_one.changed()
        return event

    def clear(self) -> None:
        """Forget all events."""
        self.events.clear()

    @property
    def lanes(self) -> list[str]:
        """The names of the clients, in the order in which they first appear."""
        return list(dict.fromkeys(event.lane for event in self.events))

    def diagram(self) -> Diagram:
        """Return a sequence diagram, which renders as SVG in a notebook and as text elsewhere."""
        from .diagram import Diagram

        return Diagram(tuple(self.events))

    def live(self) -> Live:
        """Return a diagram that grows while frames pass, from when a cell that ends in it displays it."""
        from .live import Live

        return Live(self)

    def __str__(self) -> str:
        """Return one line per event; with more than one lane, each begins with the lane's name, padded."""
        return lines(self.events)

    def __repr__(self) -> str:
        """Return the text, so that a cell which ends in a transcript shows it."""
        return str(self)

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.events)


def lines(events: list[Event] | tuple[Event, ...]) -> str:
    """Return `events` as text, one line each."""
    names = {event.lane for event in events}
    if len(names) < 2:
        return "\n".join(map(str, events))
    width = max(map(len, names))
    return "\n".join(f"{event.lane:<{width}} {event}" for event in events)
