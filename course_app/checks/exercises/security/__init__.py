"""Checks of exercise 09: security."""

from . import handshakes, rate_limit, sessions

__all__ = ["handshakes", "rate_limit", "sessions"]
