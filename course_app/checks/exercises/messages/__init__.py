"""Checks of the exercise `messages`: text, bytes, JSON, validation, limits and subprotocols."""

from . import binary_mirror, calculator, orders, size_limit, subprotocols

__all__ = ["binary_mirror", "calculator", "orders", "size_limit", "subprotocols"]
