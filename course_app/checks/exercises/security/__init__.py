"""Checks of the exercise `security`: origins, tickets, a rate limit, first messages and a limit of connections."""

from . import handshakes, rate_limit, sessions

__all__ = ["handshakes", "rate_limit", "sessions"]
