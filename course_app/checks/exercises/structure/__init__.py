"""Checks of the exercise `structure`: routers, HTTP next to WebSockets, classes, pools and middleware."""

from . import endpoint_class, http_and_websocket, shared_limits

__all__ = ["endpoint_class", "http_and_websocket", "shared_limits"]
