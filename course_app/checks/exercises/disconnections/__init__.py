"""Checks of the exercise `disconnections`: every way a connection ends."""

from . import draining, idle_connections, presence

__all__ = ["draining", "idle_connections", "presence"]
