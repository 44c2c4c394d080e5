"""Checks of the exercise `scale_out`: servers that share nothing but a broker."""

from . import fan_out, resume, rooms

__all__ = ["fan_out", "resume", "rooms"]
