"""Checks of the exercise `testing`: the learner writes a test; the check runs it against right and wrong servers."""

from . import conversations, handshakes

__all__ = ["conversations", "handshakes"]
