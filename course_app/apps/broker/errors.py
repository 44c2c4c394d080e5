"""The exceptions of a broker: each is one line that says what to do, without a password."""

from __future__ import annotations


class BrokerError(Exception):
    """A message was not delivered, or a channel was not joined; the text says why and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return the one line that IPython shows in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class PayloadTooLarge(BrokerError):
    """The engine cannot carry a message this long; nothing was sent."""


class NotSent(Exception):
    """The engine was not reached, so a second attempt cannot deliver twice. For engines; apps never see it."""
