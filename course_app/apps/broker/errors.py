"""What a broker raises: one line that a person can act on, without a password in it."""

from __future__ import annotations


class BrokerError(Exception):
    """A message was not carried, or a channel could not be joined; the text says why and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the one line."""
        return [f"{type(self).__name__}: {self}"]


class PayloadTooLarge(BrokerError):
    """The engine cannot carry a message this long; nothing was sent."""


class NotSent(Exception):
    """Inside the package: the engine was not reached, so trying again cannot deliver twice."""
