"""A broker from its URL, and URLs and error messages without their passwords."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from course_app.apps.broker.base import Broker
from course_app.apps.broker.errors import BrokerError

# Looked up by name, so that `memory://` needs neither redis-py nor psycopg.
ENGINES = {
    "memory": ("memory", "MemoryBroker"),
    "redis": ("redis_pubsub", "RedisBroker"),
    "rediss": ("redis_pubsub", "RedisBroker"),
    "redis+streams": ("redis_streams", "RedisStreamsBroker"),
    "rediss+streams": ("redis_streams", "RedisStreamsBroker"),
    "practice": ("practice", "PracticeBroker"),
    "postgresql": ("postgres", "PostgresBroker"),
    "postgres": ("postgres", "PostgresBroker"),
}
CHOICES = "use memory://, redis://, redis+streams:// or postgresql://"


def open_broker(url: str = "memory://", **options: Any) -> Broker:
    """Return the broker for `url`. It connects when it is first used, and tries again while the engine is down.

    `options`: `max_queue` (1000 messages) bounds the outbox and each subscription; `timeout` (2.0 s) bounds each wait.
    Raises `BrokerError` when the URL has an unknown scheme or cannot be read, or when a package is missing.
    """
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in ENGINES:
        shown = f"broker scheme {scheme!r}" if separator else "broker URL without a scheme"
        raise BrokerError(f"Unknown {shown}; {CHOICES}.")
    module, name = ENGINES[scheme]
    try:
        engine = getattr(import_module(f"{__package__}.{module}"), name)
    except ImportError as error:
        raise BrokerError(f"{scheme}:// needs a package: python -m pip install {error.name}") from None
    broker: Broker = engine(url, **options)
    return broker


def redact(url: str) -> str:
    """Return `url` with `***` in place of its password."""
    try:
        parts = urlsplit(url)
        head, at, host = parts.netloc.rpartition("@")
        user, colon, _ = head.partition(":")
        query = urlencode([(k, "***" if "pass" in k.lower() else v) for k, v in parse_qsl(parts.query)], safe="*/")
        return urlunsplit(parts._replace(netloc=f"{user}{':***' if colon else ''}{at}{host}", query=query))
    except ValueError:
        return f"{url.partition('://')[0]}://…"


def redact_text(line: str, url: str) -> str:
    """Return the first line of an error message of a client library, with `***` in place of each password of `url`."""
    line = (line.strip().splitlines() or [""])[0].replace(url, redact(url))
    try:
        parts = urlsplit(url)
        passwords = [parts.netloc.rpartition("@")[0].partition(":")[2]]
        passwords += [v for k, v in parse_qsl(parts.query) if "pass" in k.lower()]
    except ValueError:
        return "the URL cannot be read"
    for password in {p for raw in passwords for p in (raw, unquote(raw)) if p}:
        line = line.replace(password, "***")
    return line
