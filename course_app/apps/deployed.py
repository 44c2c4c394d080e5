"""The chat as a program to operate: settings, health, metrics, a log without secrets, an orderly end.

    uvicorn course_app.apps.deployed:app --workers 2 --timeout-graceful-shutdown 5 --ws-max-size 65536

Settings come from the environment: `BROKER_URL`, `BROKER_TIMEOUT`, `CLIENT_LIMIT`, `LOG_LEVEL`.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.requests import HTTPConnection
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from course_app.apps import scaled_chat
from course_app.apps.scaled_chat import Chat

SECRET = re.compile(
    r"((?:token|ticket|password|secret|key)=)(?!\*\*\*)[^&\s\"']+"  # in a query
    r"|(://[^/\s:@]*:)(?!\*\*\*)[^@\s]+(?=@)",  # before a host
    re.IGNORECASE,
)


def redact(value: object) -> object:
    """Return a text with `***` for what follows `token=` and the like, and for the passwords of URLs."""
    return SECRET.sub(lambda found: f"{found[1] or found[2]}***", value) if isinstance(value, str) else value


class Settings(scaled_chat.Settings):
    """What the operator decides, on top of the broker."""

    client_limit: int = 1000  # clients of one worker; the next one is told to come back later
    log_level: str = "INFO"


class Redacted(logging.Filter):
    """Let no secret into the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; none is dropped. uvicorn's formatter needs the arguments, so they stay apart."""
        record.msg = redact(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(redact(value) for value in record.args)
        if SECRET.search(record.getMessage()):  # the name in the message, the value in an argument
            record.msg, record.args = redact(record.getMessage()), ()
        return True


def set_up_logging(level: str) -> None:
    """Let the broker's lines go where uvicorn's go, and let no secret pass in either."""
    lines = logging.getLogger("course")
    lines.setLevel(level)
    if not lines.handlers:
        lines.addHandler(logging.StreamHandler())
        lines.handlers[0].setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    # A logger's filter sees only what is logged through it: uvicorn logs handshakes through "uvicorn.error".
    for name in ("course.broker", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        if not any(isinstance(each, Redacted) for each in logger.filters):
            logger.addFilter(Redacted())


class ChatCollector(Collector):
    """Look at the chat when Prometheus asks. Each worker answers for itself; its process id tells them apart."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def collect(self) -> Iterator[Metric]:
        """Yield what says whether this worker keeps up."""
        chat: Chat = self.app.state.chat
        queues = [len(client.queue) for client in chat.manager.clients()]
        gauges = {
            "chat_connections": ("Clients connected to this worker", len(queues)),
            "chat_rooms": ("Rooms that this worker has joined", len(chat.relays)),
            "chat_queued_messages": ("Messages that wait for clients", sum(queues)),
            "chat_longest_queue": ("Messages that wait for the slowest client", max(queues, default=0)),
            "chat_broker_up": ("Whether the broker is in reach", int(chat.broker.problem is None)),
            "chat_broker_outbox": ("Messages that wait for the broker", chat.broker.outbox_size),
        }
        worker = str(os.getpid())
        for name, (text, value) in gauges.items():
            gauge = GaugeMetricFamily(name, text, labels=["worker"])
            gauge.add_metric([worker], value)
            yield gauge
        reconnects = CounterMetricFamily("chat_broker_reconnects", "Lines to the broker that broke", labels=["worker"])
        reconnects.add_metric([worker], chat.broker.reconnects)
        yield reconnects


async def healthz() -> dict[str, str]:
    """Whether this process runs; if not, restart it. A restart would not mend the broker, so it is not asked."""
    return {"status": "alive"}


def is_full(app: FastAPI) -> bool:
    """Whether this worker has as many clients as it may have."""
    return len(app.state.chat.manager.clients()) >= app.state.settings.client_limit


async def admit(connection: HTTPConnection) -> None:
    """Refuse a WebSocket when this worker is full, with a status that clients try again."""
    if connection.scope["type"] == "websocket" and is_full(connection.app):
        raise HTTPException(503, "full: come back later", {"Retry-After": "5"})


async def readyz(request: Request) -> dict[str, str]:
    """Whether to send clients here: not while the broker is out of reach or this worker is full."""
    chat: Chat = request.app.state.chat
    if chat.broker.problem:
        raise HTTPException(503, chat.broker.problem)
    if is_full(request.app):
        raise HTTPException(503, "full")
    return {"status": "ready"}


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the app; without settings it reads the environment."""
    settings = settings or Settings()
    set_up_logging(settings.log_level)
    app = scaled_chat.create_app(settings, dependencies=[Depends(admit)])
    registry = CollectorRegistry()
    registry.register(ChatCollector(app))

    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    app.add_api_route("/healthz", healthz)
    app.add_api_route("/readyz", readyz)
    app.add_api_route("/metrics", metrics)
    return app


app = create_app()
