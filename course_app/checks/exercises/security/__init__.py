"""Checks of the exercise `security`: origins, tickets, a rate limit, first messages and a limit of connections."""

from . import connection_limit, first_message, handshakes, rate_limit

__all__ = ["connection_limit", "first_message", "handshakes", "rate_limit"]
