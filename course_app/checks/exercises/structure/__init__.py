"""Checks of exercise 08: structure."""

from . import endpoint_class, http_and_websocket, shared_limits

__all__ = ["endpoint_class", "http_and_websocket", "shared_limits"]
