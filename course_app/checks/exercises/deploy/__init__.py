"""Checks of the exercise `deploy`: what an operator sees, and a client that comes back."""

from . import health, metrics, reconnecting

__all__ = ["health", "metrics", "reconnecting"]
