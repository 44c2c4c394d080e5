"""A transcript's diagram that grows in the notebook while frames pass."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

from .diagram import Diagram
from .events import Event

INTERVAL = 0.1  # seconds between two pictures at least: a reader sees no more, and a front end draws no more
ROWS = 40  # events in one picture, the newest


class Screen(Protocol):
    """A display in the notebook whose content can be replaced: IPython.display.display returns it for a display_id."""

    def update(self, picture: object) -> Any:
        """Show `picture` in place of what was there."""


class Source(Protocol):
    """The events that a diagram follows, and the diagram that follows them: `Transcript` has both."""

    events: list[Event]
    follower: Live | None


@dataclass(frozen=True)
class Picture:
    """The newest events at one moment."""

    events: tuple[Event, ...]
    earlier: int

    def __repr__(self) -> str:
        """Return a text that does not depend on how far the exchange has come."""
        return "<the frames as they pass>"

    def _repr_html_(self) -> str:
        above = f"<p>{self.earlier} earlier events are not drawn.</p>" if self.earlier else ""
        return above + Diagram(self.events).svg()


class Live:
    """A diagram that follows a transcript, from its display until `close()` or until another diagram follows it.

    Put it last in a cell: `server.live()`. A transcript has one at most, so that a cell that runs again leaves nothing.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._screen: Screen | None = None
        self._timer: asyncio.TimerHandle | None = None

    def follow(self, screen: Screen) -> None:
        """Draw on `screen` after each event from now on, at most once in INTERVAL seconds.

        Raises RuntimeError where no event loop runs.
        """
        if self._source.follower is not None:
            self._source.follower.close()
        self._screen, self._loop = screen, asyncio.get_running_loop()
        self._source.follower = self

    def changed(self) -> None:
        """Schedule a drawing after an event; safe in any thread."""
        self._loop.call_soon_threadsafe(self._arm)

    def close(self) -> None:
        """Draw events that have not been drawn yet, and stop following. Idempotent."""
        if self._timer is not None:
            self._timer.cancel()
            self._draw()
        self._screen = None
        if self._source.follower is self:
            self._source.follower = None

    def picture(self) -> Picture:
        """Return a picture of the newest events."""
        events = self._source.events
        return Picture(tuple(events[-ROWS:]), max(0, len(events) - ROWS))

    def __repr__(self) -> str:
        """Return the picture's text."""
        return repr(self.picture())

    def _ipython_display_(self) -> None:
        from IPython.display import display

        screen = display(self.picture(), display_id=True)
        if screen is not None:
            self.follow(screen)

    def _arm(self) -> None:
        if self._screen is not None and self._timer is None:
            self._timer = self._loop.call_later(INTERVAL, self._draw)

    def _draw(self) -> None:
        self._timer = None
        if self._screen is not None:
            self._screen.update(self.picture())
