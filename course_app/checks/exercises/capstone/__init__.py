"""Checks of the exercise `capstone`: a chat service, twelve requirements, each on its own.

What a check is not about, it does not ask for: `joined` and `left` are skipped where they do not matter.
"""

from . import commands, history, joining, limits, rooms

__all__ = ["commands", "history", "joining", "limits", "rooms"]
