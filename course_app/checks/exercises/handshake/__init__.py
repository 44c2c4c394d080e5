"""Checks of the exercise `handshake`: parameters of a handshake, refusals before accept, and a key after it."""

from . import first_message, keys, parameters

__all__ = ["first_message", "keys", "parameters"]
