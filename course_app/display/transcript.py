"""The ordered record of what crossed the wire, as text."""

from __future__ import annotations

import time

from .diagram import Diagram
from .events import Event, lines
from .live import Live


class Transcript:
    """Events of one or more clients, in the order in which they happened.

    `str(transcript)` is the same on every machine: it holds no port, no time and no random byte.
    The marks are those of websockets' debug log (websockets documentation, "Logging").
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.began = time.monotonic()
        self.follower: Live | None = None
        """The live diagram of this transcript, where one is displayed."""

    def add(self, lane: str, mark: str, text: str) -> Event:
        """Append an event to the client `lane` and return it."""
        event = Event(lane, mark, text, time.monotonic() - self.began)
        self.events.append(event)
        if self.follower is not None:
            self.follower.changed()
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
        return Diagram(tuple(self.events))

    def live(self) -> Live:
        """Return a diagram that grows while frames pass, from when a cell that ends in it displays it."""
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
